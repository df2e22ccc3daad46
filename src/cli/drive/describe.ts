import type { Answer } from '../../experiment/client.js';
import { SESSION_HELP, STEP_HELP } from '../../experiment/steps/commands.js';
import { printable } from '../../printable.js';
import { formatBytes, formatCount } from '../../units.js';
import { table } from '../show/lines.js';

/** What the program answered, in a line. */
export function describeAnswer({ heap, figures }: Answer): string {
  const told = Object.entries(figures).flatMap(describeFigure);
  if (heap === null) return told.join(', ');
  const { inUseBytes, nextGCBytes, numGC } = heap;
  const heapText = [
    `heap ${formatBytes(heap.allocBytes)}`,
    ...(inUseBytes === null ? [] : [`in use ${formatBytes(inUseBytes)}`]),
    ...(nextGCBytes === null ? [] : [`goal ${formatBytes(nextGCBytes)}`]),
    ...(numGC === null ? [] : [formatCount(numGC, 'GC')]),
  ];
  return [...told, ...heapText].join(', ');
}

const FIGURES: Readonly<Record<string, string>> = {
  added: 'added',
  released: 'released',
  notReleased: 'not released',
  cached: 'cached',
  retainedBytes: 'kept',
  usageBytes: 'usage',
  limitBytes: 'limit',
};

function describeFigure([key, value]: [string, number | null]): string[] {
  const name = FIGURES[key];
  if (name === undefined || value === null || (key === 'notReleased' && value === 0)) return [];
  return [`${name} ${formatBytes(value)}`];
}

export function helpLines(): string[] {
  const rows = Object.values({ ...STEP_HELP, ...SESSION_HELP }).map(({ usage, does }) => [
    `  ${usage}`,
    does,
  ]);
  return [
    ...table(rows),
    '',
    '  SIZE is 10MiB, 10M, 4096 or 90% of the limit; TIME is 100ms, 2s or 1m; ; parts steps.',
  ];
}

/** Names the target where there are several. */
export function named(target: string, several: boolean, text: string): string {
  return several ? `${printable(target, 60)}: ${text}` : text;
}
