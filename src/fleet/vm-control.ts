import type { SshAddress, Target } from '../model.js';

/** What can be done with a VM besides connecting to it. */
export interface VmControl {
  /** Starts it where it is not running; resolves once its sshd answers, with where. */
  start(teller: VmTeller, signal: AbortSignal): Promise<SshAddress>;
  /** Resolves when connecting is worth a try, also while it reboots; a rejection ends the wait. Absent: nobody can tell. */
  awaitUp?(signal: AbortSignal): Promise<void>;
  /** Where its console is logged, and how that ends so far; null where it is not. */
  readonly console: { readonly path: string; lastLine(): Promise<string | undefined> } | null;
}

/** Whom to tell of a start. */
export interface VmTeller {
  /** `share`: how much of it is done, from 0 to 1. */
  progress(detail: string, share?: number): void;
  note(text: string): void;
}

/** Looks a target's VM up; null where it is none. Rejects with `vm-unknown` or `vm-damaged` where there is none, or none that works. */
export type FindVm = (target: Target) => Promise<VmControl | null>;
