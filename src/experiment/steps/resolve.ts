import type { Amount, Step } from './step.js';

/** Bytes of an amount, a share rounded down to whole bytes as the self-directed mode does. */
export function bytesOf(amount: Amount, limitBytes: number): number {
  return 'bytes' in amount ? amount.bytes : Math.floor(limitBytes * (amount.percent / 100));
}

/** The steps with every share of the limit turned into bytes: what goes to a guest. */
export function resolveSteps(steps: readonly Step[], limitBytes: number): Step[] {
  return steps.map((step) => resolveStep(step, limitBytes));
}

function resolveStep(step: Step, limitBytes: number): Step {
  const fixed = (amount: Amount): Amount => ({ bytes: bytesOf(amount, limitBytes) });
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
    case 'repeat':
      return { ...step, steps: resolveSteps(step.steps, limitBytes) };
    default:
      return step;
  }
}
