import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A script of provision/guest, as text. Looked for upwards from this module, so that it is found from the
 * sources, from a bundle in dist, and in an installed package alike; the bundler need not know of it.
 */
export async function guestScript(name: `${string}.sh`): Promise<string> {
  return await readFile(join(provisionFolder(dirname(fileURLToPath(import.meta.url))), name), 'utf8');
}

function provisionFolder(from: string): string {
  const folder = join(from, 'provision', 'guest');
  if (statSync(folder, { throwIfNoEntry: false }) !== undefined) return folder;
  const parent = dirname(from);
  if (parent === from) throw new Error('provision/guest is missing from this installation of gclab');
  return provisionFolder(parent);
}
