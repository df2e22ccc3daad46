import { GclabError } from '../../errors.js';
import { formatStep } from '../../experiment/steps/format.js';
import type { PlainStep, Step } from '../../experiment/steps/step.js';
import { unroll } from '../../experiment/steps/unroll.js';
import { printable } from '../../printable.js';
import type { Answered } from '../../workflows/ask-step.js';
import { doTogether, type SeatOutcome } from '../../workflows/lockstep.js';
import type { SessionSeat } from '../../workflows/session-seat.js';
import type { Console } from './console.js';
import { describeAnswer, named } from './describe.js';

/** Does one command of a session on all of its targets, and tells what came of it. Gives the first failure. */
export async function doCommand(
  step: Step,
  seats: readonly SessionSeat[],
  limitBytes: number,
  signal: AbortSignal,
  console: Console,
): Promise<unknown> {
  const several = seats.length > 1;
  const answers = new Map<string, Answered>();
  for (const turn of unroll([step])) {
    const last = await doTogether(seats, turn.step, limitBytes, signal);
    for (const { target, answer } of last) if (answer !== null) answers.set(target, answer);
    const halted = last.filter(({ kind }) => kind !== 'done');
    for (const one of halted) tellHalt(one, turn.step, several, console);
    const failure = halted.find(({ kind }) => kind === 'failed');
    if (failure !== undefined) return failure.error;
    if (halted.length === last.length) return undefined;
  }
  for (const [target, answer] of answers) console.print(named(target, several, describeAnswer(answer)));
  return undefined;
}

function tellHalt(outcome: SeatOutcome, step: PlainStep, several: boolean, console: Console): void {
  for (const line of haltLines(outcome, step)) console.print(named(outcome.target, several, line));
}

function haltLines({ kind, error }: SeatOutcome, step: PlainStep): string[] {
  switch (kind) {
    case 'ended':
      return [`✖ the program ended during: ${formatStep(step)}`];
    case 'failed':
      return errorLines(error, step);
    case 'done':
      return [];
  }
}

function errorLines(error: unknown, step: PlainStep): string[] {
  if (!(error instanceof GclabError)) throw error;
  if (error.code === 'interrupted') return [`stopped: ${formatStep(step)}${afterStop(step)}`];
  const hint = error.hint === undefined ? [] : [`  try: ${printable(error.hint)}`];
  return [`${error.code}: ${printable(error.message)}`, ...hint];
}

/** Nobody takes a request back. */
function afterStop({ do: what }: PlainStep): string {
  return what === 'wait' || what === 'until' ? '' : ' (it may still be done there)';
}
