import { wilsonInterval } from '../statistics/wilson.js';
import { formatCount } from '../units.js';
import type { TrialVerdict } from './schema.js';
import type { TrialCounts, TrialRow } from './trial/row.js';

/** How often trials of one kind were OOM-killed. */
export interface KillRate {
  readonly killed: number;
  /** Trials with a verdict of their own; the inconclusive ones are not counted here. */
  readonly trials: number;
  /** Of the probability of an OOM kill. */
  readonly interval: readonly [number, number];
}

/** The verdict of a run. */
export interface Verdict extends TrialCounts {
  readonly kind: TrialVerdict;
  readonly reason: string;
  readonly killed: number;
  /** Trials with a verdict of their own; the inconclusive ones are not counted here. */
  readonly trials: number;
  readonly inconclusive: number;
  /** Of the probability of an OOM kill; null where trials with and without a collection are mixed. */
  readonly interval: readonly [number, number] | null;
  readonly intervalMethod: 'Wilson';
  readonly intervalLevel: 0.95;
  /** Such a mixture taken apart; absent where there is none. */
  readonly byCollection?: { readonly without: KillRate; readonly with: KillRate };
}

/**
 * The verdict of a run from its trials' rows. One OOM kill is enough for `oom-killed`; `survived` asks that every trial that was
 * wanted survived; anything else is `inconclusive`. How often is in `killed`, `trials` and `interval`. Whether it was asked for a
 * collection changes a trial's odds: with `isMixed` the two kinds are counted apart, and there is no interval over both.
 */
export function verdictOf(rows: readonly TrialRow[], wanted: number, isMixed = false): Verdict {
  const { killed, trials, interval } = rateOf(rows);
  const finished = rows.filter(({ verdict }) => verdict !== null).length;
  const counts = { wanted, begun: rows.length, finished };
  const verdict = {
    kind: kindOf(killed, trials, counts),
    reason: reasonOf(rows, killed, trials, counts),
    ...counts,
    killed,
    trials,
    inconclusive: finished - trials,
    interval,
    intervalMethod: 'Wilson',
    intervalLevel: 0.95,
  } as const;
  const collected = rows.filter(({ collectionAsked }) => collectionAsked);
  if (!isMixed || collected.length === 0 || collected.length === rows.length) return verdict;
  const others = rows.filter(({ collectionAsked }) => !collectionAsked);
  return {
    ...verdict,
    interval: null,
    byCollection: { without: rateOf(others), with: rateOf(collected) },
  };
}

/** `--expect`: every trial has to bear it out, so a mix holds neither expectation. */
export function expectationHolds(expected: 'survived' | 'oom-killed', rows: readonly TrialRow[]): boolean {
  return rows.length > 0 && rows.every(({ verdict }) => verdict === expected);
}

/** `12 of 200 trials finished, 1 had begun besides`; null where all that were wanted have finished. */
export function unfinished({ wanted, begun, finished }: TrialCounts): string | null {
  if (finished >= wanted && begun === finished) return null;
  const besides = begun - finished;
  return `${finished} of ${formatCount(wanted, 'trial')} finished${besides === 0 ? '' : `, ${besides} had begun besides`}`;
}

function rateOf(rows: readonly TrialRow[]): KillRate {
  const killed = count(rows, 'oom-killed');
  const trials = killed + count(rows, 'survived');
  return { killed, trials, interval: wilsonInterval(killed, trials) };
}

function count(rows: readonly TrialRow[], verdict: TrialVerdict): number {
  return rows.filter((row) => row.verdict === verdict).length;
}

function kindOf(killed: number, conclusive: number, { wanted, begun }: TrialCounts): TrialVerdict {
  if (killed > 0) return 'oom-killed';
  return conclusive === 0 || conclusive < Math.max(wanted, begun) ? 'inconclusive' : 'survived';
}

function reasonOf(
  rows: readonly TrialRow[],
  killed: number,
  conclusive: number,
  counts: TrialCounts,
): string {
  if (rows.length === 0) return 'no trial was run';
  const doubtful = rows.find(({ verdict }) => verdict === 'inconclusive');
  const missing = unfinished(counts);
  return [
    `the kernel OOM-killed ${killed} of ${formatCount(conclusive, 'trial')}`,
    ...(doubtful === undefined ? [] : [`trial ${doubtful.trial} is inconclusive: ${doubtful.reason}`]),
    ...(missing === null ? [] : [missing]),
  ].join('; ');
}
