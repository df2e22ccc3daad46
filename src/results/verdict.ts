import type { KillRate, Trial, TrialVerdict, Verdict } from '../model.js';
import { wilsonInterval } from './statistics.js';

/**
 * The verdict of a run from those of its trials. One OOM kill is enough for `oom-killed`; `survived` asks
 * that every trial survived; anything else is `inconclusive`. How often is in `killed`, `trials` and `interval`.
 */
export function verdictOf(trials: readonly Trial[]): Verdict {
  const { killed, trials: conclusive, interval } = rateOf(trials);
  const inconclusive = trials.length - conclusive;
  const counts = { killed, trials: conclusive, inconclusive };
  const said = {
    kind: kindOf(killed, inconclusive, trials.length),
    reason: reasonOf(trials, killed, conclusive),
  };
  const collected = trials.filter(({ gc }) => gc === true);
  if (collected.length === 0 || collected.length === trials.length) return { ...said, ...counts, interval };
  // Whether it was collected changes the odds: an interval over both kinds would be of no probability that there is.
  const others = trials.filter(({ gc }) => gc !== true);
  const byCollection = { without: rateOf(others), with: rateOf(collected) };
  return { ...said, ...counts, interval: null, byCollection };
}

function rateOf(trials: readonly Trial[]): KillRate {
  const killed = count(trials, 'oom-killed');
  const conclusive = killed + count(trials, 'survived');
  return { killed, trials: conclusive, interval: wilsonInterval(killed, conclusive) };
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
