import type { TrialVerdict } from '../model.js';
import type { Counters, TrialEndLine, TrialStartLine } from './journal.js';

export interface Judgement {
  readonly verdict: TrialVerdict;
  readonly reason: string;
}

/**
 * The verdict of a trial, computed here again from the kernel's counters that the guest recorded (docs/verdict.md).
 * Where it differs from what the guest says the trial is inconclusive: one of the two is wrong.
 */
export function judgeTrial(
  start: TrialStartLine | undefined,
  end: TrialEndLine,
  hierarchy: string,
): Judgement {
  const own = judgeCounters(start?.counters, end, hierarchy);
  if (own === end.verdict || end.verdict === 'inconclusive')
    return { verdict: end.verdict, reason: end.reason };
  return {
    verdict: 'inconclusive',
    reason: `the guest says ${end.verdict}, its counters say ${own} (${end.reason})`,
  };
}

function judgeCounters(before: Counters | undefined, end: TrialEndLine, hierarchy: string): TrialVerdict {
  if (before === undefined) return 'inconclusive';
  const killed = rise(before.oomKill, end.counters.oomKill);
  if (end.exit.code === 0) return killed === undefined || killed === 0 ? 'survived' : 'inconclusive';
  if (end.exit.signal !== 'SIGKILL' || killed === undefined || killed < 1) return 'inconclusive';
  return hierarchy === 'v2' && !limitDidIt(before, end.counters) ? 'inconclusive' : 'oom-killed';
}

/** v2: `oom_kill` counts kills by any OOM killer; `oom` says that it was this cgroup's own limit. */
function limitDidIt(before: Counters, after: Counters): boolean {
  const risen = rise(before.oomLocal, after.oomLocal) ?? rise(before.oom, after.oom);
  return risen !== undefined && risen > 0;
}

function rise(before: number | null, after: number | null): number | undefined {
  return before === null || after === null ? undefined : after - before;
}
