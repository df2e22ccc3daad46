import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { isAlive } from '../../process-alive.js';

/** Names that begin so are not finished, or not needed any more, and nobody looks at them. */
const PREFIX = '.making-';

/**
 * Makes something in a folder that nobody sees: `make` fills it and moves what is to stay. Whatever happens, the folder
 * is gone afterwards; what a killed process left behind is swept by the next one, after `beforeSweep` has seen to it.
 */
export async function making<T>(
  parent: string,
  make: (folder: string) => Promise<T>,
  beforeSweep: (folder: string) => Promise<void> = async () => undefined,
): Promise<T> {
  await mkdir(parent, { recursive: true });
  await sweep(parent, beforeSweep);
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

async function sweep(parent: string, before: (folder: string) => Promise<void>): Promise<void> {
  for (const entry of await readdir(parent)) {
    const pid = Number(new RegExp(`^\\${PREFIX}(\\d+)-`).exec(entry)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid) || isAlive(pid)) continue;
    await before(join(parent, entry));
    await remove(join(parent, entry));
  }
}

function isTaken(cause: unknown): boolean {
  return ['ENOTEMPTY', 'EEXIST'].includes((cause as NodeJS.ErrnoException).code ?? '');
}

/**
 * A build that was killed may have left /proc, /sys and /dev of this controller mounted below: a removal would go through them. Such
 * a folder stays until nothing is mounted there any more, which the next sweep finds out.
 */
async function remove(folder: string): Promise<void> {
  if (await hasMountBelow(folder)) return;
  await rm(folder, { recursive: true, force: true });
}

/** False where the platform does not list its mounts: builds that mount anything run on Linux only. */
async function hasMountBelow(folder: string): Promise<boolean> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  const below = `${resolve(folder)}${sep}`;
  return mounts.split('\n').some((line) => mountPoint(line).startsWith(below));
}

/** The fifth field, where a space is written as `\040`. */
function mountPoint(line: string): string {
  const octal = (_: string, digits: string): string => String.fromCharCode(Number.parseInt(digits, 8));
  return (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, octal);
}
