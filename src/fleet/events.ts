import type { OutcomeKind } from '../model.js';

/** What workflows go through on one guest; each uses some of them. */
export const PHASES = [
  'vm',
  'connect',
  'facts',
  'plan',
  'change',
  'reboot',
  'verify',
  'gate',
  'deploy',
  'start',
  'follow',
  'collect',
  'verdict',
  'clean',
] as const;

export type Phase = (typeof PHASES)[number];

/**
 * What a workflow tells while it goes on; `target` is the target's id. The terminal, the plain lines and the tests listen to the same
 * events, and all but `phase-progress` are kept in the run's folder (event-log.ts).
 */
export type WorkflowEvent =
  | { readonly kind: 'phase-started'; readonly target: string; readonly phase: Phase }
  | PhaseProgress
  | PhaseEnded
  | TrialEnded
  | { readonly kind: 'note'; readonly target: string; readonly text: string }
  | TargetEnded;

export interface PhaseProgress {
  readonly kind: 'phase-progress';
  readonly target: string;
  readonly phase: Phase;
  readonly detail: string;
  /** How much of it is done, from 0 to 1, where that is known. */
  readonly share?: number;
}

export interface PhaseEnded {
  readonly kind: 'phase-ended';
  readonly target: string;
  readonly phase: Phase;
  readonly ok: boolean;
  readonly detail: string;
  readonly durationMs: number;
}

export interface TrialEnded {
  readonly kind: 'trial-ended';
  readonly target: string;
  /** Counted from 1. */
  readonly trial: number;
  readonly wanted: number;
  /** As the guest says; what the controller makes of it is in the record. */
  readonly verdict: string;
}

export interface TargetEnded {
  readonly kind: 'target-ended';
  readonly target: string;
  readonly outcome: OutcomeKind;
  /** The error's code; null where there is none. */
  readonly error: string | null;
}

export type Listener = (event: WorkflowEvent) => void;
