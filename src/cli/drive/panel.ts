import type { Moment } from '../../journal/trial/live-series.js';
import type { TrialState } from '../../journal/trial/state.js';
import { printable } from '../../printable.js';
import { formatBytes, formatCount } from '../../units.js';

export interface PanelSubject {
  readonly target: string;
  readonly live: TrialState;
  /** The guest's clock now, in microseconds: runs on between two lines of the journal. */
  readonly nowUs: number;
  /** Without one there is only what the program answered last: no peak, and nothing over time. */
  readonly hasJournal: boolean;
  /** `reconnecting` and the like; empty when all is well. */
  readonly state: string;
}

const LABEL = 10;
const STEPS = '▁▂▃▄▅▆▇█';

/** One target: usage, heap and goal as bars against the hard limit, both over time, collections and requests as marks. */
export function drawPanel(subject: PanelSubject, width: number): string[] {
  const over = subject.hasJournal ? chartOf(subject, width) : [];
  const lines = [title(subject, width), ...barsOf(subject, width), ...over];
  return lines.map((line) => line.slice(0, width));
}

function chartOf({ live, nowUs }: PanelSubject, width: number): string[] {
  const limit = live.limitBytes ?? 1;
  const columns = Math.max(10, width - LABEL);
  const moments = live.series.upTo(nowUs, columns);
  const pad = Math.max(0, columns - moments.length);
  return [
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
  ];
}

/** Several targets: a line each, since nobody can follow more. */
export function drawCompact(subjects: readonly PanelSubject[], width: number): string[] {
  return subjects.slice(0, 8).map(({ target, live, state }) => {
    const limit = live.limitBytes ?? 1;
    const name = printable(target, 16).padEnd(17);
    const end = live.hasEnded
      ? ` ${live.lastEvent}`
      : ` ${share(live.usageBytes, limit)}  ${formatCount(live.gcs ?? 0, 'GC')}  ${state}`;
    return `${name}${bar(live.usageBytes ?? 0, limit, Math.max(10, width - 60), [])}${end}`.slice(0, width);
  });
}

function title(subject: PanelSubject, width: number): string {
  const { target, live, nowUs, hasJournal, state } = subject;
  const gcs = formatCount(live.gcs ?? 0, 'GC');
  const said = [
    printable(target, 30),
    ...(hasJournal
      ? [...settingsOf(live), gcs, `${(nowUs / 1e6).toFixed(1)} s`]
      : [gcs, 'no journal: as last answered']),
    ...(state === '' ? [] : [state]),
  ].join(' · ');
  const text = `── ${said} `;
  return text.padEnd(width, '─');
}

function settingsOf({ ready }: TrialState): string[] {
  return [`GOGC ${printable(ready?.gogc ?? '', 10) || '100'}`, `GOMEMLIMIT ${soft(ready?.gomemlimit ?? '')}`];
}

function barsOf({ live, hasJournal }: PanelSubject, width: number): string[] {
  const limit = live.limitBytes ?? 1;
  const inUse = live.heap?.inUseBytes ?? live.heap?.allocBytes ?? 0;
  const goal = live.heap?.nextGCBytes ?? 0;
  const marks = [
    { bytes: goal, sign: '┃' },
    { bytes: softBytes(live.ready?.gomemlimit ?? ''), sign: '╎' },
  ];
  const length = Math.max(10, width - LABEL - 44);
  const peak = hasJournal ? `, peak ${formatBytes(live.peakBytes)}` : '';
  return [
    `${'usage'.padEnd(LABEL)}${bar(live.usageBytes ?? 0, limit, length, [])} ${share(live.usageBytes, limit)}${peak}`,
    `${'in use'.padEnd(LABEL)}${bar(inUse, limit, length, marks)} ${formatBytes(inUse)}, goal ${formatBytes(goal)} ┃`,
  ];
}

function share(usage: number | null, limit: number): string {
  if (usage === null) return `not known of ${formatBytes(limit)}`;
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
