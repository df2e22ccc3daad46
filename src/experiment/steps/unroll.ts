import type { Amount, PlainStep, Step } from './step.js';

/** One step to do, and which of the top-level steps it belongs to, counted from 1. */
export interface NumberedStep<A> {
  readonly number: number;
  readonly step: PlainStep<A>;
}

/** The steps one after another, repeats taken apart, without making a list of them. */
export function* unroll<A = Amount>(steps: readonly Step<A>[]): Generator<NumberedStep<A>> {
  for (const [index, step] of steps.entries()) {
    for (const plain of plainSteps(step)) yield { number: index + 1, step: plain };
  }
}

function* plainSteps<A>(step: Step<A>): Generator<PlainStep<A>> {
  if (step.do !== 'repeat') return yield step;
  for (let pass = 0; pass < step.times; pass += 1) {
    for (const inner of step.steps) yield* plainSteps(inner);
  }
}
