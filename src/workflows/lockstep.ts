import type { PlainStep } from '../experiment/steps/step.js';
import type { Answered } from './ask-step.js';
import type { SessionSeat } from './session-seat.js';

/** What a step came to on one target. */
export interface SeatOutcome {
  readonly target: string;
  readonly kind: 'done' | 'ended' | 'failed';
  readonly answer: Answered | null;
  readonly error: unknown;
}

/** Does a step on every target that lives, all at once, and waits for all: none begins the next one before. */
export async function doTogether(
  seats: readonly SessionSeat[],
  step: PlainStep,
  limitBytes: number,
  signal: AbortSignal,
): Promise<SeatOutcome[]> {
  const living = seats.filter((seat) => !seat.hasEnded);
  return await Promise.all(living.map((seat) => doOne(seat, step, limitBytes, signal)));
}

async function doOne(
  seat: SessionSeat,
  step: PlainStep,
  limitBytes: number,
  signal: AbortSignal,
): Promise<SeatOutcome> {
  const { target } = seat;
  try {
    const outcome = await seat.do(step, limitBytes, signal);
    const answer = outcome.kind === 'done' ? outcome.answer : null;
    return { target, kind: outcome.kind, answer, error: undefined };
  } catch (error) {
    return { target, kind: 'failed', answer: null, error };
  }
}
