import { chmod, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Results name hosts, users and what was run: they are nobody else's business, whatever the umask. */
const FOLDER_MODE = 0o700;

/**
 * Makes a folder and those above it, for the user alone; one that is there is left as it is. Node's own `recursive` never comes back
 * where the system says ENOENT though the parent is there, as /proc does.
 */
export async function makePrivateFolder(path: string): Promise<void> {
  const parent = dirname(path);
  if (parent !== path && !(await isFolder(parent))) await makePrivateFolder(parent);
  try {
    await mkdir(path, { mode: FOLDER_MODE });
    await chmod(path, FOLDER_MODE);
  } catch (cause) {
    if (!(await isFolder(path))) throw cause;
  }
}

export function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
