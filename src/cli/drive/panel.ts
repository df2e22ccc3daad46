import type { LiveState } from '../../experiment/live.js';
import type { Moment } from '../../experiment/live-series.js';
import { printable } from '../../printable.js';
import { formatBytes, formatCount } from '../../units.js';

export interface PanelSubject {
  readonly target: string;
  readonly live: LiveState;
  /** The guest's clock now, in microseconds: runs on between two lines of the journal. */
  readonly nowUs: number;
  /** `reconnecting` and the like; empty when all is well. */
  readonly state: string;
}

const LABEL = 10;
const STEPS = '▁▂▃▄▅▆▇█';

/** One target: usage, heap and goal as bars against the hard limit, both over time, collections and requests as marks. */
export function drawPanel(subject: PanelSubject, width: number): string[] {
  const { live, nowUs } = subject;
  const limit = live.limitBytes ?? 1;
  const columns = Math.max(10, width - LABEL);
  const moments = live.series.upTo(nowUs, columns);
  const pad = Math.max(0, columns - moments.length);
  return [
    title(subject, width),
    ...barsOf(live, limit, width),
    row(
      'usage',
      pad,
      moments.map((one) => step(one.usageBytes, limit)),
    ),
    row(
      'in use',
      pad,
      moments.map((one) => step(one.inUseBytes, limit)),
    ),
    row('', pad, moments.map(markOf)),
  ].map((line) => line.slice(0, width));
}

/** Several targets: a line each, since nobody can follow more. */
export function drawCompact(subjects: readonly PanelSubject[], width: number): string[] {
  return subjects.slice(0, 8).map(({ target, live, state }) => {
    const limit = live.limitBytes ?? 1;
    const usage = live.usageBytes ?? 0;
    const name = printable(target, 16).padEnd(17);
    const end = live.ended
      ? ` ${live.lastEvent}`
      : ` ${share(usage, limit)}  ${formatCount(live.gcs, 'GC')}  ${state}`;
    return `${name}${bar(usage, limit, Math.max(10, width - 60), [])}${end}`.slice(0, width);
  });
}

function title({ target, live, nowUs, state }: PanelSubject, width: number): string {
  const { gogc, gomemlimit } = live.settings;
  const said = [
    printable(target, 30),
    `GOGC ${printable(gogc, 10) || '100'}`,
    `GOMEMLIMIT ${soft(gomemlimit)}`,
    formatCount(live.gcs, 'GC'),
    `${(nowUs / 1e6).toFixed(1)} s`,
    ...(state === '' ? [] : [state]),
  ].join(' · ');
  const text = `── ${said} `;
  return text.padEnd(width, '─');
}

function barsOf(live: LiveState, limit: number, width: number): string[] {
  const usage = live.usageBytes ?? 0;
  const inUse = live.heap?.inUseBytes ?? live.heap?.allocBytes ?? 0;
  const goal = live.heap?.nextGCBytes ?? 0;
  const marks = [
    { bytes: goal, sign: '┃' },
    { bytes: softBytes(live.settings.gomemlimit), sign: '╎' },
  ];
  const length = Math.max(10, width - LABEL - 44);
  return [
    `${'usage'.padEnd(LABEL)}${bar(usage, limit, length, [])} ${share(usage, limit)}, peak ${formatBytes(live.peakBytes)}`,
    `${'in use'.padEnd(LABEL)}${bar(inUse, limit, length, marks)} ${formatBytes(inUse)}, goal ${formatBytes(goal)} ┃`,
  ];
}

function share(usage: number, limit: number): string {
  return `${formatBytes(usage)} of ${formatBytes(limit)} (${Math.round((usage / limit) * 100)} %)`;
}

function bar(bytes: number, limit: number, length: number, marks: { bytes: number; sign: string }[]): string {
  const at = (one: number): number => Math.min(length - 1, Math.floor((one / limit) * length));
  const filled = bytes === 0 ? 0 : at(bytes) + 1;
  const cells: string[] = Array.from({ length }, (_, index) => (index < filled ? '█' : '░'));
  for (const mark of marks) if (mark.bytes > 0 && mark.bytes <= limit) cells[at(mark.bytes)] = mark.sign;
  return `▕${cells.join('')}▏`;
}

function row(label: string, pad: number, cells: readonly string[]): string {
  return `${label.padEnd(LABEL)}${' '.repeat(pad)}${cells.join('')}`;
}

function step(bytes: number | undefined, limit: number): string {
  if (bytes === undefined) return ' ';
  return STEPS[Math.min(STEPS.length - 1, Math.floor((bytes / limit) * STEPS.length))] ?? ' ';
}

const MARKS: Readonly<Record<string, string>> = {
  gc: '●',
  end: '✖',
  add: '+',
  rel: '-',
  reset: '0',
  cache: 'c',
};

function markOf({ mark }: Moment): string {
  return mark === undefined ? ' ' : (MARKS[mark] ?? '·');
}

/** GOMEMLIMIT as the program sees it; gclab gives it in plain bytes. */
function soft(gomemlimit: string): string {
  const bytes = softBytes(gomemlimit);
  return bytes > 0 ? `${formatBytes(bytes)} ╎` : printable(gomemlimit, 20) || 'unset';
}

function softBytes(gomemlimit: string): number {
  return /^\d{1,16}$/.test(gomemlimit) ? Number(gomemlimit) : 0;
}
