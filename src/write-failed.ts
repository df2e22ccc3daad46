import { GclabError } from './errors.js';

const WHY: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EFBIG: 'a file may not grow any further there',
  EROFS: 'the file system is read-only',
  EACCES: 'it may not be written',
  EPERM: 'it may not be written',
  EIO: 'the disk reports an error',
};

/** What the system said when a file of the results was to be written in mid run. What is on a guest by then stays there. */
export function writeFailed(cause: unknown, doing: string, file: string, target?: string): GclabError {
  if (cause instanceof GclabError) return cause;
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const why = WHY[code];
  return new GclabError({
    code: 'results-not-written',
    doing,
    ...(target === undefined ? {} : { target }),
    what: why === undefined ? `${file}: ${message}` : `${file}: ${why} (${code})`,
    hint: 'mend that; what is on the guest stays there until it is collected with: gclab remote attach',
    cause,
  });
}
