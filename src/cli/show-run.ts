import { join, relative } from 'node:path';
import { summariseJournal } from '../experiment/summary.js';
import type { Verdict } from '../model.js';
import { printable } from '../printable.js';
import { AXIS_WIDTH, drawChart } from '../results/chart.js';
import type { RunDocument, TargetRecord } from '../results/run-folder.js';
import { formatBytes, formatDuration } from '../units.js';
import { errorLines } from './error-lines.js';

type Print = (line: string) => void;

/** The result of a run for people: per target the verdict, its evidence and a chart; then where everything is. */
export async function showRun(document: RunDocument, print: Print, width = terminalWidth()): Promise<void> {
  const withChart = document.targets.length <= MAX_CHARTS;
  for (const record of document.targets) {
    print('');
    if (withChart && record.trials.length > 0) await showChart(document, record, print, width);
    for (const line of describeRecord(record)) print(line);
  }
  print('');
  print(`results: ${relative(process.cwd(), document.run.dir) || document.run.dir}`);
}

const MAX_CHARTS = 4;
const CHART_HEIGHT = 8;

function terminalWidth(): number {
  return Math.min(100, process.stdout.columns ?? 80);
}

/** The most telling trial: the first that was OOM-killed, else the first. */
async function showChart(
  document: RunDocument,
  record: TargetRecord,
  print: Print,
  width: number,
): Promise<void> {
  const index =
    (record.trials.find((trial) => trial.verdict === 'oom-killed') ?? record.trials[0])?.index ?? 1;
  const journal = join(document.run.dir, record.folder, 'journal.ndjson');
  const { shown } = await summariseJournal(journal, index);
  if (shown === null || shown.atUs.length === 0) return;
  const killed = record.trials.find((trial) => trial.index === index)?.verdict === 'oom-killed';
  const steps = shown.steps.map(({ atUs, step }, number) => ({ atUs, sign: signOf(number), step }));
  const marks = [
    ...steps,
    ...(killed && shown.endedAtUs !== null ? [{ atUs: shown.endedAtUs, sign: '✖' }] : []),
  ];
  print(`${printable(record.target, 60)}: memory the cgroup is charged for, trial ${index}`);
  const colour = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined;
  const curve = { atUs: shown.atUs, bytes: shown.usageBytes };
  for (const line of drawChart(curve, {
    limitBytes: shown.limitBytes,
    width,
    height: CHART_HEIGHT,
    marks,
    colour,
  }))
    print(line);
  print(`${' '.repeat(AXIS_WIDTH)}${legend(steps, killed)}`);
}

const LEGEND_STEPS = 9;

/** One character each, since steps may lie close: `1` to `9`, then dots. */
function signOf(number: number): string {
  return number < LEGEND_STEPS ? String(number + 1) : '·';
}

/** A scenario may have thousands of steps: the first few are named, the rest counted. */
function legend(steps: readonly { readonly sign: string; readonly step: string }[], killed: boolean): string {
  const named = steps.slice(0, LEGEND_STEPS).map(({ sign, step }) => `${sign} ${printable(step, 20)}`);
  const more = steps.length - named.length;
  return [...named, ...(more > 0 ? [`· ${more} more steps`] : []), ...(killed ? ['✖ OOM kill'] : [])].join(
    '   ',
  );
}

/** What became of a target, a line each: verdict, evidence, what went wrong. */
export function describeRecord(record: TargetRecord): string[] {
  const name = printable(record.target, 60);
  const lines: string[] = [];
  const { verdict } = record;
  if (verdict !== null) {
    lines.push(`${name}: ${verdict.kind}: ${describeRate(verdict)}`);
    const apart = Object.entries(verdict.byCollection ?? {});
    lines.push(...apart.map(([kind, rate]) => `  ${kind} a collection: ${describeRate(rate)}`));
    lines.push(...evidence(record));
  }
  if (record.expectationHeld === false) lines.push(`${name}: the expectation did not hold`);
  for (const what of (record.brokenExpectations ?? []).slice(0, 5)) lines.push(`  ${printable(what, 300)}`);
  if (record.error !== null) lines.push(...errorLines(record.target, record.outcome, record.error));
  return lines;
}

function describeRate({ killed, trials, interval }: Pick<Verdict, 'killed' | 'trials' | 'interval'>): string {
  const counted = `${killed} of ${trials} trials OOM-killed`;
  if (interval === null) return counted;
  const [low, high] = interval.map((share) => `${(share * 100).toFixed(0)} %`);
  return `${counted} (95 % interval ${low} to ${high})`;
}

/** One line for each different thing that was seen, with how often. */
function evidence(record: TargetRecord): string[] {
  const seen = new Map<string, { count: number; text: string }>();
  for (const trial of record.trials) {
    const text = `${trial.verdict}: ${printable(trial.reason, 300)}`;
    const known = seen.get(text) ?? { count: 0, text };
    seen.set(text, { ...known, count: known.count + 1 });
  }
  const first = record.trials[0];
  const peak = record.trials.reduce((high, trial) => Math.max(high, trial.peakBytes ?? 0), 0);
  const figures =
    first === undefined
      ? []
      : [`  peak ${formatBytes(peak)}, first trial ${formatDuration(first.durationMs)}`];
  return [...[...seen.values()].slice(0, 5).map(({ count, text }) => `  ${count} × ${text}`), ...figures];
}
