import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '../process-alive.js';

/** Names that begin so are not finished, or not needed any more, and nobody looks at them. */
const PREFIX = '.making-';

/**
 * Makes something in a folder that nobody sees: `make` fills it and moves what is to stay. Whatever happens, the folder
 * is gone afterwards; what a killed process left behind is swept by the next one.
 */
export async function making<T>(parent: string, make: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(parent, { recursive: true });
  await sweep(parent);
  const folder = hiddenName(parent);
  await mkdir(folder);
  try {
    return await make(folder);
  } finally {
    await remove(folder);
  }
}

/** Gives a finished folder its name; false where that name is taken. */
export async function publishFolder(folder: string, name: string): Promise<boolean> {
  try {
    await rename(folder, name);
    return true;
  } catch (cause) {
    if (isTaken(cause)) return false;
    throw cause;
  }
}

/** Removes a folder so that it is never seen half removed. Fine where there is none. */
export async function removeFolder(parent: string, folder: string): Promise<void> {
  const hidden = hiddenName(parent);
  await rename(folder, hidden).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw cause;
  });
  await remove(hidden);
}

let counter = 0;

function hiddenName(parent: string): string {
  return join(parent, `${PREFIX}${process.pid}-${counter++}`);
}

async function sweep(parent: string): Promise<void> {
  for (const entry of await readdir(parent)) {
    const pid = Number(new RegExp(`^\\${PREFIX}(\\d+)-`).exec(entry)?.[1] ?? Number.NaN);
    if (!Number.isNaN(pid) && !isAlive(pid)) await remove(join(parent, entry));
  }
}

function isTaken(cause: unknown): boolean {
  return ['ENOTEMPTY', 'EEXIST'].includes((cause as NodeJS.ErrnoException).code ?? '');
}

async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}
