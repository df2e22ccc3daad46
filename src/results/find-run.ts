import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readRun } from './read-run.js';
import type { RunDocument } from './run-folder.js';

/** The newest run below `out` that is as wanted; undefined where none is. Folders that hold no run are passed over. */
export async function findRun(
  out: string,
  isWanted: (document: RunDocument) => boolean,
): Promise<RunDocument | undefined> {
  const names = await readdir(out).catch(() => []);
  const runs = names.filter((name) => /^\d{8}T\d{6}Z-/.test(name)).sort();
  for (const name of runs.reverse()) {
    const document = await readRun(join(out, name), out).catch(() => undefined);
    if (document !== undefined && isWanted(document)) return document;
  }
  return undefined;
}
