/** `npm run picture`: runs the experiment here with and without a collection, and draws both as docs/spike.svg. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readRunState } from '../src/journal/read.js';
import type { TrialState } from '../src/journal/trial/state.js';

const WIDTH = 860;
const HEIGHT = 300;
const PLOT = { left: 64, right: 20, top: 40, bottom: 56, gap: 60 };
const MIB = 2 ** 20;
const INK = { axis: '#57606a', text: '#24292f', limit: '#cf222e', usage: '#0969da', fill: '#0969da22' };

const STEP_NAMES: Readonly<Record<string, string>> = {
  'allocate-90': 'allocate 90 %',
  release: 'release',
  gc: 'collect',
  'allocate-10': 'allocate 10 %',
};

const work = mkdtempSync(join(tmpdir(), 'gclab-picture-'));
try {
  const without = await shownTrial([]);
  const withGc = await shownTrial(['--gc']);
  writeFileSync(
    resolve('docs', 'spike.svg'),
    draw([panel(without, 'GOGC=100'), panel(withGc, 'runtime.GC() in between')]),
  );
} finally {
  rmSync(work, { recursive: true });
}

interface Panel {
  readonly title: string;
  readonly trial: TrialState;
  readonly killed: boolean;
}

async function shownTrial(flags: readonly string[]): Promise<{ trial: TrialState; killed: boolean }> {
  const args = ['bin/run.js', 'remote', 'run', '--host', 'local', '--out', work, '--json', ...flags];
  const document = JSON.parse(
    execFileSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
  ) as {
    run: { dir: string };
    targets: [{ folder: string; trials: [{ verdict: string }] }];
  };
  const [target] = document.targets;
  const { shown } = await readRunState(join(document.run.dir, target.folder, 'journal.ndjson'));
  if (shown === null) throw new Error('the journal has no trial');
  return { trial: shown, killed: target.trials[0].verdict === 'oom-killed' };
}

function panel(of: { trial: TrialState; killed: boolean }, title: string): Panel {
  return { ...of, title };
}

function draw(panels: readonly Panel[]): string {
  const width = (WIDTH - PLOT.left - PLOT.right - PLOT.gap) / 2;
  const body = panels
    .map((one, index) => drawPanel(one, PLOT.left + index * (width + PLOT.gap), width))
    .join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" role="img" aria-label="Memory the cgroup is charged for over time, against the hard limit of 32 MiB">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
${body}
</svg>
`;
}

function drawPanel({ title, trial, killed }: Panel, left: number, width: number): string {
  const height = HEIGHT - PLOT.top - PLOT.bottom;
  const start = trial.curve.atUs[0] ?? 0;
  const span = Math.max(1, (trial.end?.t ?? trial.curve.atUs.at(-1) ?? 1) - start);
  const x = (atUs: number): number => left + ((atUs - start) / span) * width;
  const y = (bytes: number): number => PLOT.top + height - (bytes / (36 * MIB)) * height;
  const points = trial.curve.atUs.map(
    (atUs, index) => `${x(atUs).toFixed(1)},${y(trial.curve.usageBytes[index] ?? 0).toFixed(1)}`,
  );
  const base = y(0).toFixed(1);
  const end = x(trial.curve.atUs.at(-1) ?? start).toFixed(1);
  return [
    text(left, 20, `${title}: MiB charged to the cgroup`, 'font-weight="600"'),
    ...[0, 8, 16, 24, 32].map((mib) =>
      text(left - 8, y(mib * MIB) + 4, String(mib), `text-anchor="end" fill="${INK.axis}"`),
    ),
    `<polygon points="${left},${base} ${points.join(' ')} ${end},${base}" fill="${INK.fill}"/>`,
    `<polyline points="${points.join(' ')}" fill="none" stroke="${INK.usage}" stroke-width="2"/>`,
    `<line x1="${left}" x2="${left + width}" y1="${y(32 * MIB)}" y2="${y(32 * MIB)}" stroke="${INK.limit}" stroke-dasharray="6 4"/>`,
    text(left + 4, y(32 * MIB) - 6, 'hard limit, 32 MiB', `fill="${INK.limit}"`),
    `<line x1="${left}" x2="${left + width}" y1="${base}" y2="${base}" stroke="${INK.axis}"/>`,
    ...drawSteps(trial, x, Number(base)),
    killed
      ? text(
          left + width,
          y(32 * MIB) - 6,
          '✖ OOM kill',
          `text-anchor="end" font-weight="600" fill="${INK.limit}"`,
        )
      : text(left + width, y(32 * MIB) - 6, 'survived', 'text-anchor="end" font-weight="600" fill="#1a7f37"'),
    text(left + width, HEIGHT - 8, `${(span / 1_000).toFixed(0)} ms`, `text-anchor="end" fill="${INK.axis}"`),
  ].join('\n');
}

/** A tick and a name for each step; names of steps that follow closely go one below the other. */
function drawSteps(trial: TrialState, x: (atUs: number) => number, base: number): string[] {
  return trial.curve.steps.flatMap(({ atUs, step }, index) => [
    `<line x1="${x(atUs).toFixed(1)}" x2="${x(atUs).toFixed(1)}" y1="${PLOT.top}" y2="${base + 5}" stroke="${INK.axis}" stroke-dasharray="1 3"/>`,
    text(
      x(atUs),
      base + 18 + (index === 0 ? 0 : (index - 1) * 13),
      STEP_NAMES[step] ?? step,
      index === 0 ? '' : 'text-anchor="end"',
    ),
  ]);
}

function text(x: number, y: number, content: string, attributes: string): string {
  const fill = attributes.includes('fill=') ? '' : ` fill="${INK.text}"`;
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}"${fill} ${attributes}>${content}</text>`;
}
