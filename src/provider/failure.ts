import { GclabError } from '../errors.js';

/** Throws `interrupted` where `signal` has aborted, so that no step begins after Ctrl-C. */
export function stopIfAborted(signal: AbortSignal, doing: string): void {
  if (signal.aborted) throw interrupted(doing, signal.reason);
}

export function interrupted(doing: string, cause?: unknown): GclabError {
  return new GclabError({ code: 'interrupted', doing, what: 'interrupted', cause });
}

export function vmExists(target: string): GclabError {
  return new GclabError({
    code: 'vm-exists',
    doing: 'creating a VM',
    target,
    what: 'there is one of that name already',
    hint: 'take another name, or gclab vm delete it first',
  });
}

export function vmUnknown(target: string, what = 'there is no VM of that name'): GclabError {
  return new GclabError({
    code: 'vm-unknown',
    doing: 'looking up a VM',
    target,
    what,
    hint: 'gclab vm list shows those that there are',
  });
}
