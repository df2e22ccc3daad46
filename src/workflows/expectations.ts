import { brokenExpectations } from '../experiment/scenario/expectation.js';
import type { Settings, Trial } from '../model.js';
import { expectationHolds } from '../results/verdict.js';

/** What was expected of a run's trials, and whether it came so. */
export interface Expected {
  /** Null where nothing was expected, or nothing can be said. */
  readonly expectationHeld: boolean | null;
  /** What did not hold, a sentence each. */
  readonly brokenExpectations: readonly string[];
}

/** `--expect` and what the scenario expects, together: all of it has to hold. */
export function judgeExpectations(
  expect: 'survived' | 'oom-killed' | undefined,
  settings: Settings,
  trials: readonly Trial[],
): Expected {
  const scenario = settings.scenario?.expect ?? null;
  if (trials.length === 0 || (expect === undefined && scenario === null)) {
    return { expectationHeld: null, brokenExpectations: [] };
  }
  const flag = expect === undefined || expectationHolds(expect, trials) ? [] : [`not every trial ${expect}`];
  const broken = [
    ...flag,
    ...(scenario === null ? [] : brokenExpectations(scenario, trials, settings.limitBytes)),
  ];
  return { expectationHeld: broken.length === 0, brokenExpectations: broken };
}
