import type { Load } from '../../journal/load.js';
import type { JournalDamage } from '../../journal/run-state.js';
import type { TrialRow } from '../../journal/trial/row.js';
import type { KillRate, Verdict } from '../../journal/verdict.js';
import { printable } from '../../printable.js';
import { formatBytes, formatCount, formatDuration } from '../../units.js';

/** What a run's trials came to, in one line; `wasRebooted` says why one that had begun has no end. */
export function headline(verdict: Verdict, wasRebooted: boolean): string {
  const { wanted, begun, finished } = verdict;
  const unended = begun - finished;
  const under = wasRebooted
    ? `${unended} under way when the guest rebooted`
    : `${unended} begun without an end`;
  const missing =
    finished === wanted && unended === 0
      ? []
      : [`${finished} of ${wanted} trials finished${unended === 0 ? '' : `, ${under}`}`];
  return `${verdict.kind}: ${[...missing, ...(finished === 0 ? [] : [describeRate(verdict)])].join('; ')}`;
}

export function describeRate({
  killed,
  trials,
  interval,
}: Pick<Verdict, 'killed' | 'trials' | 'interval'> | KillRate): string {
  const counted = `${killed} of ${trials} trials OOM-killed`;
  if (interval === null) return counted;
  const [low, high] = interval.map((share) => `${(share * 100).toFixed(0)} %`);
  return `${counted} (Wilson, 95 %: ${low} to ${high})`;
}

const MAX_REASONS = 5;

/** The evidence, a line each: what was seen and how often, the figures, and what a sceptic should know. */
export function evidence(trials: readonly TrialRow[], damage: JournalDamage | null): string[] {
  const finished = trials.filter(({ verdict }) => verdict !== null);
  return [...reasons(trials), ...figures(finished), ...busy(trials), ...damaged(damage)];
}

/** Reasons that differ in a number only are one; the rarest are counted together, so that no trial is left out. */
function reasons(trials: readonly TrialRow[]): string[] {
  const seen = new Map<string, { count: number; text: string }>();
  for (const { verdict, reason } of trials) {
    const text = `${verdict ?? 'not finished'}: ${printable(reason, 300)}`;
    const kind = text.replace(/\d+/g, '#');
    const known = seen.get(kind) ?? { count: 0, text };
    seen.set(kind, { ...known, count: known.count + 1 });
  }
  const ordered = [...seen.values()].sort((a, b) => b.count - a.count);
  const rest = ordered.slice(MAX_REASONS);
  const left = rest.reduce((sum, { count }) => sum + count, 0);
  return [
    ...ordered.slice(0, MAX_REASONS).map(({ count, text }) => `${count} × ${text}`),
    ...(left === 0 ? [] : [`${left} × ${formatCount(rest.length, 'other reason')}`]),
  ];
}

function figures(trials: readonly TrialRow[]): string[] {
  const peaks = known(trials.map(({ peakBytes }) => peakBytes));
  const times = known(trials.map(({ durationMs }) => durationMs));
  const of = [
    ...(peaks.length === 0 ? [] : [`peak ${range(peaks, formatBytes)}`]),
    ...(times.length === 0
      ? []
      : [`${times.length === 1 ? 'the trial took' : 'a trial took'} ${range(times, formatDuration)}`]),
  ];
  return of.length === 0 ? [] : [of.join(', ')];
}

function range(values: readonly number[], format: (value: number) => string): string {
  const low = format(values.reduce((a, b) => Math.min(a, b)));
  const high = format(values.reduce((a, b) => Math.max(a, b)));
  return low === high ? low : `${low} to ${high}`;
}

/** Of all CPUs' time; below these a guest is taken for quiet. */
const NOTABLE_STEAL = 0.05;
const NOTABLE_OTHERS = 0.2;

/** How busy the guest was with other things, where that is notable. */
function busy(trials: readonly TrialRow[]): string[] {
  const loads = trials.flatMap(({ load }) => (load === null ? [] : [load]));
  const stolen = share(loads, ({ cpuStealUs }) => cpuStealUs);
  const others = share(loads, othersUs);
  const said = [
    ...(others !== null && others >= NOTABLE_OTHERS
      ? [`other processes took ${percent(others)} of the CPU time`]
      : []),
    ...(stolen !== null && stolen >= NOTABLE_STEAL
      ? [`the hypervisor took ${percent(stolen)} of it for others`]
      : []),
  ];
  if (said.length === 0) return [];
  const queue = known(loads.map(({ runnable }) => runnable?.mean ?? null));
  const mean = queue.reduce((sum, one) => sum + one, 0) / queue.length;
  const run = queue.length === 0 ? '' : `; ${mean.toFixed(1)} threads wanted to run at a time`;
  return [`busy guest: ${said.join(', ')} while the trials ran${run}. Outcomes of a race hang on that`];
}

function othersUs({ cpuBusyUs, processCpuUs }: Load): number | null {
  return cpuBusyUs === null || processCpuUs === null ? null : Math.max(0, cpuBusyUs - processCpuUs);
}

/** Of the time that all CPUs had, over the trials for which it is known; null where it is for none. */
function share(loads: readonly Load[], of: (load: Load) => number | null): number | null {
  const told = loads.flatMap((load) => {
    const took = of(load);
    return took === null || load.cpus === null ? [] : [{ took, had: load.cpus * load.wallUs }];
  });
  const had = told.reduce((sum, one) => sum + one.had, 0);
  return had === 0 ? null : told.reduce((sum, { took }) => sum + took, 0) / had;
}

function percent(share: number): string {
  return `${Math.round(Math.min(1, share) * 100)} %`;
}

function damaged(damage: JournalDamage | null): string[] {
  if (damage === null) return [];
  const { damagedLines, isTorn } = damage;
  return [
    ...(damagedLines === 0
      ? []
      : [
          `${formatCount(damagedLines, 'line')} of the journal cannot be read, and nothing is taken from there`,
        ]),
    ...(isTorn ? ['the last line of the journal was cut'] : []),
  ];
}

function known(values: readonly (number | null)[]): number[] {
  return values.filter((value) => value !== null);
}
