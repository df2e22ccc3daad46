import { brokenExpectations } from '../../../experiment/scenario/expectation.js';
import type { RunState } from '../../../journal/run-state.js';
import type { TrialRow } from '../../../journal/trial/row.js';
import { expectationHolds } from '../../../journal/verdict.js';
import type { Settings } from '../../../model.js';
import type { TargetRecord } from '../../../results/run-folder.js';
import { type Counted, countTrials } from '../../../results/trials.js';
import type { RunRequest } from '../request.js';

type Judged = Counted & Expected & Pick<TargetRecord, 'journal'>;

/** What a target's journal comes to, as far as it goes. `qualify`: what a driver knows better than the journal. */
export function judge(
  state: RunState,
  { settings, expect }: Pick<RunRequest, 'settings' | 'expect'>,
  qualify: (rows: readonly TrialRow[]) => readonly TrialRow[],
): Judged {
  const trials = qualify(state.rows());
  return {
    ...countTrials(trials, settings),
    journal: journalOf(state),
    ...judgeExpectations(expect, settings, trials),
  };
}

function journalOf({ header, damage }: RunState): TargetRecord['journal'] {
  if (header === null) return null;
  const { goVersion, kernel, bootId, cgroup } = header.host;
  return { startedAt: header.startedAt, goVersion, kernel, bootId, cgroup, ...damage };
}

/** What was expected of a run's trials, and whether it came so. */
interface Expected {
  /** Null where nothing was expected, or nothing can be said. */
  readonly expectationHeld: boolean | null;
  /** What did not hold, a sentence each. */
  readonly brokenExpectations: readonly string[];
}

/**
 * `--expect` and what the scenario expects, together: all of it has to hold of every trial that was wanted. Nothing is said while
 * trials are missing that could still break it.
 */
function judgeExpectations(
  expect: 'survived' | 'oom-killed' | undefined,
  settings: Settings,
  trials: readonly TrialRow[],
): Expected {
  const scenario = settings.scenario?.expect ?? null;
  const finished = trials.filter(({ verdict }) => verdict !== null);
  if (finished.length === 0 || (expect === undefined && scenario === null)) return NOTHING_SAID;
  const broken = [
    ...(expect === undefined || expectationHolds(expect, finished) ? [] : [`not every trial ${expect}`]),
    ...(scenario === null ? [] : brokenExpectations(scenario, finished, settings.limitBytes)),
  ];
  if (broken.length === 0 && finished.length < settings.trials) return NOTHING_SAID;
  return { expectationHeld: broken.length === 0, brokenExpectations: broken };
}

const NOTHING_SAID: Expected = { expectationHeld: null, brokenExpectations: [] };
