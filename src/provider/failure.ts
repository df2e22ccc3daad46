import { type ErrorCode, GclabError, type GclabErrorDetail } from '../errors.js';

/** What can go wrong while VMs are made, and the code whose exit status it ends in. */
const FAULTS = {
  'image-unknown': 'bad-flag',
  'vm-name': 'bad-flag',
  'vm-exists': 'bad-flag',
  'vm-unknown': 'unknown-host',
  'tool-missing': 'not-ready',
  'tool-failed': 'run-failed',
  'tool-answer': 'run-failed',
  'no-mirror': 'not-ready',
  'no-firmware': 'not-ready',
  'download-failed': 'run-failed',
  'checksum-wrong': 'run-failed',
  'image-build': 'run-failed',
  'vm-start': 'run-failed',
  'vm-silent': 'connection-timeout',
  interrupted: 'interrupted',
} as const satisfies Record<string, ErrorCode>;

export type ProviderFault = keyof typeof FAULTS;

/** A GclabError that also says which fault of a provider it is: stable, for scripts and tests. */
export class ProviderError extends GclabError {
  readonly fault: ProviderFault;

  constructor(fault: ProviderFault, detail: Omit<GclabErrorDetail, 'code'>) {
    super({ ...detail, code: FAULTS[fault] });
    this.name = 'ProviderError';
    this.fault = fault;
  }
}

/** Throws `interrupted` where `signal` has aborted, so that no step begins after Ctrl-C. */
export function stopIfAborted(signal: AbortSignal, doing: string): void {
  if (signal.aborted) throw interrupted(doing, signal.reason);
}

export function interrupted(doing: string, cause?: unknown): ProviderError {
  return new ProviderError('interrupted', { doing, what: 'interrupted', cause });
}

export function vmExists(target: string): ProviderError {
  return new ProviderError('vm-exists', {
    doing: 'creating a VM',
    target,
    what: 'there is one of that name already',
    hint: 'take another name, or gclab vm delete it first',
  });
}

export function vmUnknown(target: string, what = 'there is no VM of that name'): ProviderError {
  return new ProviderError('vm-unknown', {
    doing: 'looking up a VM',
    target,
    what,
    hint: 'gclab vm list shows those that there are',
  });
}
