import type { TrialVerdict } from './schema.js';

/** The kernel's counters that a verdict needs; null: there is none, or it was not read. */
export interface VerdictCounters {
  readonly oom: number | null;
  readonly oomKill: number | null;
  readonly oomLocal: number | null;
  readonly peakBytes: number | null;
}

/** What is known of a trial that ended. */
export interface Evidence {
  /** `v1`, `v2` or `hybrid`, whose rules are v1's; anything else: not known. */
  readonly hierarchy: string;
  readonly pageBytes: number | null;
  readonly limitBytes: number | null;
  /** Null: the cgroup was not read before the process started. */
  readonly before: VerdictCounters | null;
  readonly after: VerdictCounters;
  readonly exit: { readonly code: number | null; readonly signal: string | null };
}

export interface Judgement {
  readonly verdict: TrialVerdict;
  readonly reason: string;
}

/**
 * The verdict of a trial by docs/verdict.md, from the kernel's counters alone. The guest computes the same
 * (provision/experiment/internal/verdict); test/fixtures/contract/verdicts.json holds both to the same cases.
 */
export function judge(evidence: Evidence): Judgement {
  const { before, after, exit } = evidence;
  if (before === null) return inconclusive('nothing was read of its cgroup before it started');
  if (exit.signal !== null && exit.code !== null) {
    return inconclusive(
      `it is said both to have exited with ${exit.code} and to have been ended by ${exit.signal}`,
    );
  }
  const kills = rise(before.oomKill, after.oomKill);
  if (kills === 'fell') return inconclusive(fell('oom_kill'));
  if (exit.signal !== null) return judgeSignal(exit.signal, kills, before, evidence);
  return exit.code === null ? inconclusive('how it ended is not known') : judgeExit(exit.code, kills);
}

function judgeExit(code: number, kills: Rise): Judgement {
  if (kills === 'rose') {
    return inconclusive(
      `exited with ${code}, yet the kernel counted an OOM kill in this cgroup: what exited is not what was killed`,
    );
  }
  if (code !== 0) {
    return inconclusive(
      `exited with ${code}: it failed by itself, since the OOM killer ends a process by SIGKILL`,
    );
  }
  const counted =
    kills === 'unknown'
      ? '; no count of OOM kills is known'
      : ', and the kernel counted no OOM kill in this cgroup';
  return { verdict: 'survived', reason: `exited with 0${counted}` };
}

function judgeSignal(signal: string, kills: Rise, before: VerdictCounters, evidence: Evidence): Judgement {
  if (signal !== 'SIGKILL') return inconclusive(`ended by ${signal}, which the OOM killer never sends`);
  if (kills === 'unknown') {
    return inconclusive(
      'ended by SIGKILL, but no count of OOM kills is known, so nothing proves who sent it',
    );
  }
  if (kills !== 'rose') {
    return inconclusive(
      'ended by SIGKILL, but the kernel counted no OOM kill in this cgroup: something else sent it',
    );
  }
  return judgeKill(before, evidence);
}

function judgeKill(before: VerdictCounters, evidence: Evidence): Judgement {
  const { reached, told } = ownLimit(before, evidence);
  switch (reached) {
    case 'unknown':
      return inconclusive('the OOM killer ended it, but nothing tells whose limit was reached');
    case 'fell':
      return inconclusive(fell(told));
    case 'no':
      return inconclusive(
        "the OOM killer ended it, but this cgroup's own limit was not reached: an ancestor's limit or the whole guest's memory was",
      );
    case 'rose':
      return {
        verdict: 'oom-killed',
        reason: `the OOM killer ended it because this cgroup's own limit was reached (${told})`,
      };
  }
}

interface OwnLimit {
  readonly reached: Rise;
  /** What tells it. */
  readonly told: string;
}

function ownLimit(before: VerdictCounters, evidence: Evidence): OwnLimit {
  if (evidence.hierarchy === 'v1' || evidence.hierarchy === 'hybrid') return ownLimitByPeak(evidence);
  if (evidence.hierarchy !== 'v2') return { reached: 'unknown', told: '' };
  const local = rise(before.oomLocal, evidence.after.oomLocal);
  if (local !== 'unknown') return counted('memory.events.local oom', local);
  // Kernels without memory.events.local (before 5.2) count in memory.events a cgroup's own events only.
  return counted('memory.events oom', rise(before.oom, evidence.after.oom));
}

function counted(counter: string, reached: Rise): OwnLimit {
  return { reached, told: reached === 'fell' ? counter : `oom_kill and ${counter} rose` };
}

/** How far below the limit the usage may stand when a charge is refused for good: 8 pages at most, and a few under way. */
const NEAR_PAGES = 16;

/** v1's evidence. Its failcnt counters are none: on 6.18 they stay 0 through a kill. */
function ownLimitByPeak({ after, limitBytes, pageBytes }: Evidence): OwnLimit {
  const [peak, limit, page] = [known(after.peakBytes), known(limitBytes), known(pageBytes)];
  const near = page === null ? 0 : NEAR_PAGES * page;
  // At a limit as small as that every peak would do.
  if (peak === null || limit === null || page === null || limit <= near)
    return { reached: 'unknown', told: '' };
  return {
    reached: peak >= limit - near ? 'rose' : 'no',
    told: 'oom_kill rose, and the usage had peaked at the limit',
  };
}

type Rise = 'rose' | 'no' | 'fell' | 'unknown';

function rise(before: number | null, after: number | null): Rise {
  const [from, to] = [known(before), known(after)];
  if (from === null || to === null) return 'unknown';
  if (to < from) return 'fell';
  return to > from ? 'rose' : 'no';
}

/** A count that a double cannot hold exactly is not known, in either language. */
function known(count: number | null): number | null {
  return count !== null && Number.isSafeInteger(count) && count >= 0 ? count : null;
}

function fell(counter: string): string {
  return `${counter} fell between the two readings, so they are not of one cgroup`;
}

function inconclusive(reason: string): Judgement {
  return { verdict: 'inconclusive', reason };
}
