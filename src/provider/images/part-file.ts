import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '../../process-alive.js';

/**
 * The file that an unfinished download of `key` lies in. It carries the id of the process that writes it, so that two at
 * once do not write the same file, and what a gone process left is taken over.
 */
export async function claimPartFile(folder: string, key: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const mine = join(folder, `${key}.${process.pid}`);
  for (const entry of await readdir(folder)) {
    const pid = Number(entry.slice(key.length + 1));
    if (!entry.startsWith(`${key}.`) || !Number.isInteger(pid) || isAlive(pid)) continue;
    await rename(join(folder, entry), mine);
    break;
  }
  return mine;
}
