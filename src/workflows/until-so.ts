import { GclabError } from '../errors.js';
import type { ExperimentClient } from '../experiment/client.js';
import { figuresOf, type LiveState } from '../experiment/live.js';
import { formatCondition } from '../experiment/steps/format.js';
import { bytesOf } from '../experiment/steps/resolve.js';
import type { Comparison, PlainStep } from '../experiment/steps/step.js';
import { type Answered, answeredOf } from './ask-step.js';
import { pause } from './pause.js';
import type { RequestTimes } from './request-times.js';

type Until = Extract<PlainStep, { do: 'until' }>;

/** Samples come at least so often; looking costs the guest nothing. */
const LOOK_MS = 20;
/** Asking does cost the guest something. */
const ASK_MS = 100;

/**
 * Waits until a figure is so: asks once, which is also where the journal's samples begin to count, then looks at those.
 * `step-failed` where the time runs out.
 */
export async function untilSo(
  step: Until,
  limitBytes: number,
  client: ExperimentClient,
  live: LiveState,
  times: RequestTimes,
  signal: AbortSignal,
): Promise<Answered> {
  const { metric } = step.condition;
  const isSo = predicateOf(step, limitBytes);
  const { turn, seen } = times.expect('stats');
  const answer = await client.inTurn(turn).stats();
  const deadline = performance.now() + step.withinMs;
  if (isSo(figuresOf(answer.heap, answer.usageBytes)[metric])) return answeredOf(answer);
  // Older samples say nothing of now; where the line dropped, that request is never seen.
  await Promise.race([seen, pause(step.withinMs, signal)]);
  for (;;) {
    if (isSo(live.figure(metric) ?? null)) return now(live, answer.heap);
    if (performance.now() >= deadline) throw notInTime(step, live.figure(metric));
    await pause(LOOK_MS, signal);
  }
}

/** The same of a program without a journal to look at: it is asked again and again. */
export async function untilAsked(
  step: Until,
  limitBytes: number,
  client: ExperimentClient,
  signal: AbortSignal,
): Promise<Answered> {
  const { metric } = step.condition;
  const isSo = predicateOf(step, limitBytes);
  const deadline = performance.now() + step.withinMs;
  for (;;) {
    const answer = await client.stats();
    const figure = figuresOf(answer.heap, answer.usageBytes)[metric];
    if (isSo(figure)) return answeredOf(answer);
    if (performance.now() >= deadline) throw notInTime(step, figure ?? undefined);
    await pause(ASK_MS, signal);
  }
}

/** Whether a figure is as the step wants it. */
function predicateOf({ condition: { metric, is, than } }: Until, limitBytes: number) {
  const wanted = metric === 'numGC' && 'bytes' in than ? than.bytes : bytesOf(than, limitBytes);
  return (figure: number | null): boolean => compare(figure, is, wanted);
}

function now(live: LiveState, heap: Answered['heap']): Answered {
  return { heap: live.heap ?? heap, more: { usageBytes: live.usageBytes } };
}

function compare(value: number | null, is: Comparison, wanted: number): boolean {
  if (value === null) return false;
  switch (is) {
    case '<':
      return value < wanted;
    case '<=':
      return value <= wanted;
    case '>':
      return value > wanted;
    case '>=':
      return value >= wanted;
    case '==':
      return value === wanted;
  }
}

function notInTime(step: Until, was: number | undefined): GclabError {
  return new GclabError({
    code: 'step-failed',
    doing: `waiting until ${formatCondition(step.condition)}`,
    what: `it was not so within ${step.withinMs / 1_000} s: it is ${was ?? 'not known'}`,
    hint: 'give it longer: until … within TIME',
  });
}
