import { formatBytes } from '../units.js';

/** One line over time; `atUs` ascending. */
export interface Curve {
  readonly atUs: readonly number[];
  readonly bytes: readonly number[];
}

export interface ChartSettings {
  readonly limitBytes: number;
  /** Columns of the whole chart, axis included. */
  readonly width: number;
  /** Rows of the plotting area. */
  readonly height: number;
  /** What happened at a time, drawn under the axis: `▼` for a step, `✖` for the kill. */
  readonly marks: readonly { readonly atUs: number; readonly sign: string }[];
  /** Without colour the limit is drawn as `┄`. */
  readonly colour: boolean;
}

/** Columns before the plotting area. */
export const AXIS_WIDTH = 14;
const EIGHTHS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/**
 * Memory over time as bars in a terminal, with the hard limit as a line across the top. Each column shows
 * the highest sample of its stretch of time, so that a spike is never averaged away.
 */
export function drawChart(curve: Curve, settings: ChartSettings): string[] {
  const columns = Math.max(10, settings.width - AXIS_WIDTH);
  const span = spanOf(curve, settings);
  const levels = highestPerColumn(curve, columns, span);
  const top = Math.max(settings.limitBytes, ...levels);
  const rows = Array.from({ length: settings.height }, (_, row) => drawRow(row, levels, top, settings));
  const limit = settings.colour ? `\u001b[31m${'┄'.repeat(columns)}\u001b[0m` : '┄'.repeat(columns);
  return [
    `${label(`limit ${formatBytes(settings.limitBytes)}`)}${limit}`,
    ...rows,
    `${label('0')}${'─'.repeat(columns)}`,
    `${label('')}${markLine(settings.marks, columns, span)}`,
    `${label('')}${timeLine(columns, span)}`,
  ];
}

interface Span {
  readonly fromUs: number;
  readonly lengthUs: number;
}

function spanOf(curve: Curve, settings: ChartSettings): Span {
  const times = [...curve.atUs, ...settings.marks.map((mark) => mark.atUs)];
  const fromUs = times.reduce((low, at) => Math.min(low, at), Number.POSITIVE_INFINITY);
  const toUs = times.reduce((high, at) => Math.max(high, at), 0);
  return times.length === 0 ? { fromUs: 0, lengthUs: 1 } : { fromUs, lengthUs: Math.max(1, toUs - fromUs) };
}

function columnOf(atUs: number, columns: number, span: Span): number {
  return Math.min(columns - 1, Math.floor(((atUs - span.fromUs) / span.lengthUs) * columns));
}

/** Columns without a sample of their own repeat the one before: usage stays until it is read again. */
function highestPerColumn(curve: Curve, columns: number, span: Span): number[] {
  const highest = new Array<number | undefined>(columns).fill(undefined);
  curve.atUs.forEach((atUs, index) => {
    const column = columnOf(atUs, columns, span);
    highest[column] = Math.max(highest[column] ?? 0, curve.bytes[index] ?? 0);
  });
  let last = 0;
  return highest.map((level) => {
    last = level ?? last;
    return last;
  });
}

function drawRow(row: number, levels: readonly number[], top: number, settings: ChartSettings): string {
  const { height } = settings;
  const cells = levels.map((level) => {
    const eighths = Math.round((level / top) * height * 8) - (height - 1 - row) * 8;
    return EIGHTHS[Math.max(0, Math.min(8, eighths))];
  });
  const isMiddle = row === Math.floor(height / 2);
  const text = isMiddle ? formatBytes(Math.round((top * (height - row)) / height)) : '';
  return `${label(text)}${cells.join('')}`.trimEnd();
}

function markLine(marks: ChartSettings['marks'], columns: number, span: Span): string {
  const line = new Array<string>(columns).fill(' ');
  for (const mark of marks) line[columnOf(mark.atUs, columns, span)] = mark.sign;
  return line.join('').trimEnd();
}

function timeLine(columns: number, span: Span): string {
  const end = `${(span.lengthUs / 1_000).toFixed(1)} ms`;
  return `0${end.padStart(columns - 1)}`;
}

function label(text: string): string {
  return `${text.padStart(AXIS_WIDTH - 1)} `;
}
