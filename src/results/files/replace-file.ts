import { open, rename, rm } from 'node:fs/promises';

/** Results name hosts, users and what was run: they are for the user alone, whatever the umask. */
export const FILE_MODE = 0o600;

/**
 * Writes a file as a whole: to a temporary name, then renamed, so that a reader or a crash finds the old text or the new one. Not by
 * write-file-atomic: on a disk that fills up it takes part of the text for all of it.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  try {
    const file = await open(temporary, 'w', FILE_MODE);
    try {
      await file.chmod(FILE_MODE);
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw cause;
  }
}
