import type { LiveState } from '../experiment/live.js';
import type { PlainStep } from '../experiment/steps/step.js';
import type { Answered } from './ask-step.js';
import type { RequestTimes } from './request-times.js';

/** What became of a step: done, or the program's end came first. No answer where the line dropped in it. */
export type StepOutcome =
  | { readonly kind: 'done'; readonly answer: Answered | null }
  | { readonly kind: 'ended' };

/** What a session needs of one target: somewhere to send its steps, and what is known of the program there. */
export interface SessionSeat {
  readonly target: string;
  readonly live: LiveState;
  readonly times: RequestTimes;
  readonly hasEnded: boolean;
  /** Whether what is known is followed in a journal, or is only what the program answered last. */
  readonly hasJournal: boolean;
  /** Does a step and waits for it; rejects where it failed, or `signal` aborted. */
  do(step: PlainStep, limitBytes: number, signal: AbortSignal): Promise<StepOutcome>;
  /** The session ends: resolves once nothing of it is under way any more. */
  quit(): Promise<void>;
}
