import type { Trial, TrialVerdict, Verdict } from '../model.js';
import { wilsonInterval } from './statistics.js';

/**
 * The verdict of a run from those of its trials. One OOM kill is enough for `oom-killed`; `survived` asks
 * that every trial survived; anything else is `inconclusive`. How often is in `killed`, `trials` and `interval`.
 */
export function verdictOf(trials: readonly Trial[]): Verdict {
  const killed = count(trials, 'oom-killed');
  const survived = count(trials, 'survived');
  const inconclusive = trials.length - killed - survived;
  const conclusive = killed + survived;
  return {
    kind: kindOf(killed, inconclusive, trials.length),
    reason: reasonOf(trials, killed, conclusive),
    killed,
    trials: conclusive,
    inconclusive,
    interval: wilsonInterval(killed, conclusive),
  };
}

/** `--expect`: every trial has to bear it out, so a mix holds neither expectation. */
export function expectationHolds(expected: 'survived' | 'oom-killed', trials: readonly Trial[]): boolean {
  return trials.length > 0 && trials.every((trial) => trial.verdict === expected);
}

function count(trials: readonly Trial[], verdict: TrialVerdict): number {
  return trials.filter((trial) => trial.verdict === verdict).length;
}

function kindOf(killed: number, inconclusive: number, trials: number): TrialVerdict {
  if (killed > 0) return 'oom-killed';
  return inconclusive > 0 || trials === 0 ? 'inconclusive' : 'survived';
}

function reasonOf(trials: readonly Trial[], killed: number, conclusive: number): string {
  const doubtful = trials.find((trial) => trial.verdict === 'inconclusive');
  const doubts =
    doubtful === undefined ? '' : `; trial ${doubtful.index} is inconclusive: ${doubtful.reason}`;
  if (trials.length === 0) return 'no trial was run';
  return `the kernel OOM-killed ${killed} of ${conclusive} trials${doubts}`;
}
