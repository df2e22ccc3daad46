import { GclabError } from '../../../errors.js';
import { formatCondition } from '../../../experiment/steps/format.js';
import type { Comparison } from '../../../experiment/steps/step.js';
import { figuresOf } from '../../../journal/trial/state.js';
import type { Now, UntilUnderWay } from './state.js';

type Until = UntilUnderWay['step'];

/** Whether a figure of that moment is as the step wants it; not where it is unknown. */
export function isMet({ condition: { metric, is, than } }: Until, now: Now): boolean {
  const figure = figuresOf(now.heap, now.usageBytes)[metric];
  return figure !== null && compare(figure, is, than.bytes);
}

function compare(value: number, is: Comparison, wanted: number): boolean {
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

export function notMet(step: Until, target: string, now: Now | null): GclabError {
  const was = now === null ? null : figuresOf(now.heap, now.usageBytes)[step.condition.metric];
  return new GclabError({
    code: 'step-failed',
    doing: `waiting until ${formatCondition(step.condition)}`,
    target,
    what: `it was not so within ${step.withinMs / 1_000} s: it is ${was ?? 'not known'}`,
    hint: 'give it longer: until … within TIME',
  });
}
