import { join, relative } from 'node:path';
import { readRunState } from '../../journal/read.js';
import { printable } from '../../printable.js';
import { AXIS_WIDTH, drawChart } from '../../results/chart.js';
import type { RunDocument, TargetRecord } from '../../results/run-folder.js';
import { describeRate, evidence, headline } from './describe-trials.js';
import { drawsColours } from './escapes.js';
import { widthOf } from './fitted.js';
import { errorLines, type Print } from './lines.js';

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
  return Math.min(100, widthOf(process.stdout));
}

async function showChart(
  document: RunDocument,
  record: TargetRecord,
  print: Print,
  width: number,
): Promise<void> {
  const { shown } = await readRunState(join(document.run.dir, record.id, 'journal.ndjson'));
  if (shown === null || shown.limitBytes === null || shown.curve.atUs.length === 0) return;
  const { curve, limitBytes, end } = shown;
  const killed = record.trials.find(({ trial }) => trial === shown.trial)?.verdict === 'oom-killed';
  const steps = curve.steps.map(({ atUs, step }, number) => ({ atUs, sign: signOf(number), step }));
  const marks = [...steps, ...(killed && end !== null ? [{ atUs: end.t, sign: '✖' }] : [])];
  print(`${printable(record.name, 60)}: memory the cgroup is charged for, trial ${shown.trial}`);
  const colour = drawsColours(process.stdout);
  const usage = { atUs: curve.atUs, bytes: curve.usageBytes };
  for (const line of drawChart(usage, {
    limitBytes,
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
  const name = printable(record.name, 60);
  const lines: string[] = [];
  const { verdict } = record;
  if (verdict !== null) {
    lines.push(`${name}: ${headline(verdict, record.error?.code === 'guest-rebooted')}`);
    const apart = Object.entries(verdict.byCollection ?? {});
    lines.push(...apart.map(([kind, rate]) => `  ${kind} a collection: ${describeRate(rate)}`));
    lines.push(...evidence(record.trials, record.journal).map((line) => `  ${line}`));
  }
  if (record.expectationHeld === false) lines.push(`${name}: the expectation did not hold`);
  for (const what of (record.brokenExpectations ?? []).slice(0, 5)) lines.push(`  ${printable(what, 300)}`);
  if (record.error !== null) lines.push(...errorLines(record.name, record.outcome, record.error));
  return lines;
}
