import type { GclabError } from '../../errors.js';
import type { Answer } from '../../experiment/client.js';
import { type StepToDo, stepsToDo } from '../../experiment/steps/resolve.js';
import type { Step } from '../../experiment/steps/step.js';
import { printable } from '../../printable.js';
import type { StepOutcome } from '../../workflows/drive/machine/state.js';
import type { Participant } from '../../workflows/drive/participant.js';
import type { Console } from './console/console.js';
import { describeAnswer, named } from './describe.js';

interface TargetOutcome {
  readonly target: string;
  readonly outcome: StepOutcome;
}

/** Does one command of a session on all of its targets, and tells what came of it. Gives the first failure. */
export async function doCommand(
  command: Step,
  participants: readonly Participant[],
  limitBytes: number,
  unwanted: AbortSignal,
  console: Console,
): Promise<GclabError | undefined> {
  const several = participants.length > 1;
  const answers = new Map<string, Answer>();
  for (const one of stepsToDo([command], limitBytes)) {
    if (unwanted.aborted) return unwanted.reason as GclabError;
    const outcomes = await doOnAll(participants, one);
    for (const { target, outcome } of outcomes) {
      if (outcome.kind === 'done' && outcome.answer !== null) answers.set(target, outcome.answer);
      for (const line of haltLines(outcome, one)) console.print(named(target, several, line));
    }
    const failed = outcomes.flatMap(({ outcome }) => (outcome.kind === 'failed' ? [outcome.error] : []));
    if (failed[0] !== undefined) return failed[0];
    if (outcomes.every(({ outcome }) => outcome.kind === 'ended')) return undefined;
  }
  for (const [target, answer] of answers) console.print(named(target, several, describeAnswer(answer)));
  return undefined;
}

/** A step on every target that lives, all at once: none begins the next one before all are as far. */
async function doOnAll(participants: readonly Participant[], { step }: StepToDo): Promise<TargetOutcome[]> {
  const living = participants.filter((participant) => !participant.hasEnded);
  return await Promise.all(
    living.map(async (participant) => ({
      target: participant.target,
      outcome: await participant.do(step),
    })),
  );
}

function haltLines(outcome: StepOutcome, one: StepToDo): string[] {
  switch (outcome.kind) {
    case 'ended':
      return [`✖ the program ended during: ${one.text}`];
    case 'failed':
      return errorLines(outcome.error, one);
    case 'done':
      return [];
  }
}

function errorLines({ code, message, hint }: GclabError, { step, text }: StepToDo): string[] {
  // Nobody takes a request back.
  const mayGoOn = step.do === 'wait' || step.do === 'until' ? '' : ' (it may still be done on the guest)';
  if (code === 'interrupted') return [`stopped: ${text}${mayGoOn}`];
  return [`${code}: ${printable(message)}`, ...(hint === undefined ? [] : [`  try: ${printable(hint)}`])];
}
