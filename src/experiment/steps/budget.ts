import type { Step } from './step.js';

/** What steps cost at least: how many are written, how many are done, and how long they only wait. */
export interface Cost {
  readonly written: number;
  readonly done: number;
  readonly waitMs: number;
}

/** gcexp refuses more as well (test/fixtures/contract/steps.json holds both to it). */
export const BUDGET = { written: 500, done: 1_000_000, waitMs: 24 * 3_600_000 } as const;

/** Counted, not run: nested repeats multiply. */
export function costOf(steps: readonly Step[]): Cost {
  return steps.map(costOfOne).reduce(add, { written: 0, done: 0, waitMs: 0 });
}

/** What is over the budget, in words; undefined where nothing is. `timeMs` is how long a run may take. */
export function overBudget(steps: readonly Step[], timeMs: number): string | undefined {
  const { written, done, waitMs } = costOf(steps);
  if (written > BUDGET.written) return `${written} steps are written, at most ${BUDGET.written} may be`;
  if (done > BUDGET.done) return `${done} steps would be done, at most ${BUDGET.done} may be`;
  if (waitMs > Math.min(timeMs, BUDGET.waitMs)) {
    return `the waits alone take ${waitMs / 1_000} s, and all of it may take ${timeMs / 1_000} s`;
  }
  return undefined;
}

function costOfOne(step: Step): Cost {
  if (step.do !== 'repeat') return { written: 1, done: 1, waitMs: step.do === 'wait' ? step.ms : 0 };
  const once = costOf(step.steps);
  return { written: once.written + 1, done: once.done * step.times, waitMs: once.waitMs * step.times };
}

function add(a: Cost, b: Cost): Cost {
  return { written: a.written + b.written, done: a.done + b.done, waitMs: a.waitMs + b.waitMs };
}
