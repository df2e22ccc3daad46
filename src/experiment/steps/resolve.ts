import { formatStep } from './format.js';
import type { Amount, PlainStep, Size, Step } from './step.js';
import { unroll } from './unroll.js';

/** Bytes of an amount, a share rounded down to whole bytes as the self-directed mode does. */
export function bytesOf(amount: Amount, limitBytes: number): number {
  return 'bytes' in amount ? amount.bytes : Math.floor(limitBytes * (amount.percent / 100));
}

/** The steps with every share of the limit turned into bytes: what goes to a guest. */
export function resolveSteps(steps: readonly Step[], limitBytes: number): Step<Size>[] {
  return steps.map((step) =>
    step.do === 'repeat'
      ? { ...step, steps: resolveSteps(step.steps, limitBytes) }
      : resolveStep(step, limitBytes),
  );
}

/** The same of one step. */
export function resolveStep(step: PlainStep, limitBytes: number): PlainStep<Size> {
  const fixed = (amount: Amount): Size => ({ bytes: bytesOf(amount, limitBytes) });
  switch (step.do) {
    case 'add':
      return {
        do: 'add',
        amount: fixed(step.amount),
        ...(step.of === undefined ? {} : { of: fixed(step.of) }),
      };
    case 'rel':
    case 'cache':
      return { do: step.do, amount: fixed(step.amount) };
    case 'until':
      return { ...step, condition: { ...step.condition, than: fixed(step.condition.than) } };
    default:
      return step;
  }
}

/** A step to do: its sizes are decided, and how it was written is kept for people. */
export interface StepToDo {
  /** Which of the top-level steps it belongs to, counted from 1. */
  readonly number: number;
  readonly step: PlainStep<Size>;
  readonly text: string;
}

/** The steps one after another, repeats taken apart. */
export function* stepsToDo(steps: readonly Step[], limitBytes: number): Generator<StepToDo> {
  for (const { number, step } of unroll(steps)) {
    yield { number, step: resolveStep(step, limitBytes), text: formatStep(step) };
  }
}
