import { GclabError } from '../../errors.js';

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

/** The way out is the same for every command that finds one. */
export function vmDamaged(target: string, what: string, cause?: unknown): GclabError {
  return new GclabError({
    code: 'vm-damaged',
    doing: 'reading the record of a VM',
    target,
    what,
    hint: `remove what is left of it with: gclab vm delete ${target}`,
    cause,
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
