import { GclabError } from '../errors.js';
import type { Facts, Guest } from '../model.js';
import type { ChangeState, PlanReport } from '../results/change-folder.js';
import type { ChangeSettings } from './change-settings.js';
import type { Phases } from './phases.js';
import type { RunRequest } from './run-request.js';

type Reading = Pick<
  RunRequest,
  'askSudoPassword' | 'connect' | 'sudoPasswords' | 'probeTimeoutMs' | 'signal'
>;

export interface ChangeContext {
  readonly settings: ChangeSettings;
  readonly request: Reading;
  readonly phases: Phases;
  /** Names the change in the guest's ledger. */
  readonly id: string;
  /** A fresh connection, not privileged yet. */
  readonly dial: (signal: AbortSignal) => Promise<Guest>;
  /** Told before the guest is changed, and at each step after: the controller's side of the ledger. */
  readonly record: (state: ChangeState, shown: PlanReport | null) => Promise<void>;
  readonly rebooted: (durationMs: number) => void;
}

export interface Changed {
  readonly state: ChangeState;
  /** Another connection than before where the guest was rebooted. */
  readonly guest: Guest;
  readonly facts: Facts;
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

/** The end of a change, in the records of both sides. */
export async function ended(
  state: ChangeState,
  guest: Guest,
  facts: Facts,
  context: ChangeContext,
  shown: PlanReport,
): Promise<Changed> {
  await context.record(state, shown);
  return { state, guest, facts };
}

/** Whether the reboot is ours to start; the machine that gclab runs on is not. */
export function mayReboot({ target }: Guest, { settings }: ChangeContext): boolean {
  return settings.mayReboot && target.kind !== 'local';
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
