import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Cgroups of a run that are still there, on whatever hierarchy. */
export function leftoverCgroups(runId: string): string[] {
  return foldersBelow('/sys/fs/cgroup').filter((path) => path.includes(runId));
}

/** Cgroups of others come and go while this looks. */
function foldersBelow(folder: string): string[] {
  let entries: Dirent[] = [];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  return [...folders, ...folders.flatMap(foldersBelow)];
}
