import { statfs } from 'node:fs/promises';
import { GclabError } from '../../errors.js';

const NO_SPACE = {
  code: 'no-space',
  hint: 'make room there (an image takes half a GiB or more, and four while it is built), or set GCLAB_HOME',
} as const;
const NOT_WRITABLE = { code: 'home-not-writable', hint: 'set GCLAB_HOME to a folder of your own' } as const;

const FAULTS: Readonly<Record<string, typeof NO_SPACE | typeof NOT_WRITABLE>> = {
  ENOSPC: NO_SPACE,
  EDQUOT: NO_SPACE,
  EACCES: NOT_WRITABLE,
  EPERM: NOT_WRITABLE,
  EROFS: NOT_WRITABLE,
  ENOTDIR: NOT_WRITABLE,
};

/** What the system said about a file below GCLAB_HOME, as an error that tells what to do; anything else as it was. */
export function fileSystemFault(cause: unknown, doing: string, target?: string): unknown {
  if (!(cause instanceof Error) || !('code' in cause) || !('syscall' in cause)) return cause;
  const fault = FAULTS[String(cause.code)];
  return fault === undefined
    ? cause
    : new GclabError({ ...fault, doing, ...(target && { target }), what: cause.message, cause });
}

/** Less than this left on a disk is nothing left, to the tools that build an image. */
const NOTHING_BYTES = 2 ** 20;

/** What a tool that failed for want of room is about; undefined where there is room. */
export async function noRoom(doing: string, folder: string, said: string): Promise<GclabError | undefined> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize >= NOTHING_BYTES
    ? undefined
    : new GclabError({ ...NO_SPACE, doing, what: `the disk of ${folder} is full (${said})` });
}
