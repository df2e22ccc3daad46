import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/**
 * A name for what a recipe makes: the content of every file of its folder, whether it may be executed, and what it is
 * called with. Anything that changes the image changes the name.
 */
export async function recipeKey(folder: string, given: Readonly<Record<string, string>>): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(Object.entries(given).sort()));
  for (const file of await filesBelow(folder)) {
    const executable = ((await stat(file)).mode & 0o100) !== 0;
    const content = createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
    hash.update(JSON.stringify([relative(folder, file), executable, content]));
  }
  return hash.digest('hex').slice(0, 32);
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
