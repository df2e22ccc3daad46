import type { TargetRecord } from '../results/run-folder.js';

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

/** What a workflow tells while it goes on. The terminal, the plain lines and the tests listen to the same events. */
export type WorkflowEvent =
  | { readonly kind: 'phase-started'; readonly target: string; readonly phase: Phase }
  | {
      readonly kind: 'phase-progress';
      readonly target: string;
      readonly phase: Phase;
      readonly detail: string;
      /** How much of it is done, from 0 to 1, where that is known. */
      readonly share?: number;
    }
  | PhaseEnded
  | { readonly kind: 'note'; readonly target: string; readonly text: string }
  | { readonly kind: 'target-ended'; readonly target: string; readonly record: TargetRecord };

export interface PhaseEnded {
  readonly kind: 'phase-ended';
  readonly target: string;
  readonly phase: Phase;
  readonly ok: boolean;
  readonly detail: string;
  readonly durationMs: number;
}

export type Listener = (event: WorkflowEvent) => void;
