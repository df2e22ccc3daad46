import { GclabError } from '../../errors.js';
import type { Phases } from '../../fleet/phases.js';
import type { ReadRequest } from '../../fleet/request.js';
import type { Guest } from '../../model.js';
import type { ChangeState, PlanReport } from '../../results/change-folder.js';
import type { ChangeSettings } from './settings.js';

export interface ChangeContext {
  readonly settings: ChangeSettings;
  readonly request: ReadRequest;
  readonly phases: Phases;
  /** Names the change in the guest's ledger. */
  readonly id: string;
  /** A fresh connection, not privileged yet. */
  readonly dial: (signal: AbortSignal) => Promise<Guest>;
  /** Told of the connection that took the place of the first, as soon as it is there: who began the change closes it. */
  readonly replace: (guest: Guest) => void;
  /** Told before the guest is changed, and at each step after: the controller's side of the ledger. */
  readonly record: (state: ChangeState, shown: PlanReport | null) => Promise<void>;
  readonly rebooted: (durationMs: number) => void;
}

/** Rejects with `not-confirmed` where nobody agrees. */
export async function confirmed(guest: Guest, shown: PlanReport, { settings }: ChangeContext): Promise<void> {
  if (await settings.confirm(guest.target.name, shown)) return;
  throw new GclabError({
    code: 'not-confirmed',
    doing: 'changing the kernel options',
    target: guest.target.name,
    what: 'nobody said yes, so nothing was changed',
    hint: 'look at it with --dry-run, and agree with --yes',
  });
}

/** Whether the reboot is ours to start; the machine that gclab runs on is not. */
export function mayReboot({ target }: Guest, { settings }: ChangeContext): boolean {
  return settings.mayReboot && target.source.kind !== 'local';
}

export function readOptions({ settings, request }: ChangeContext): {
  timeoutMs: number;
  signal: AbortSignal;
} {
  return { timeoutMs: settings.stepTimeoutMs, signal: request.signal };
}

/** A step on the guest goes on to its end even when we stop waiting, so it is not given the signal. */
export function stepOptions({ settings, id }: ChangeContext): {
  id: string;
  timeoutMs: number;
  dpkgWaitMs: number;
} {
  return { id, timeoutMs: settings.stepTimeoutMs + settings.dpkgWaitMs, dpkgWaitMs: settings.dpkgWaitMs };
}
