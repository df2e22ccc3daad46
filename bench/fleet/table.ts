import type { Cost } from '../measure.js';
import { median } from '../median.js';
import { type Case, memoryGoal } from './goals.js';

/** What one run of a contender took, also of the hosts. */
export interface FleetCost extends Cost {
  readonly guestCpuMs: number;
}

export interface Row {
  readonly name: string;
  readonly cold: readonly FleetCost[];
  readonly warm: readonly FleetCost[];
  /** Bytes, of a cold run. */
  readonly peakMemory: number;
}

const WIDTH = 16;

/** Cold and warm in one column, each with its ratio to the first row. */
export function fleetTable({ hosts, delayMs, goals }: Case, rows: readonly Row[]): string {
  const line = delayMs === 0 ? 'loopback' : `${2 * delayMs} ms round trip`;
  const rounds = rows[0]?.warm.length ?? 0;
  const floor = rows[0];
  const head = ['wall, s', '× floor', 'CPU here, s', '× floor', 'CPU of the hosts', 'MB here'];
  const body = rows.map((row) => [
    row.name,
    pair(seconds(row, 'wallMs')),
    pair(ratios(row, floor, 'wallMs')),
    pair(seconds(row, 'cpuMs')),
    pair(ratios(row, floor, 'cpuMs')),
    pair(seconds(row, 'guestCpuMs')),
    (row.peakMemory / 1e6).toFixed(0),
  ]);
  const wanted = [
    'goal of gclab',
    '',
    bound(goals.wall),
    '',
    bound(goals.cpu),
    '',
    `≤ ${(memoryGoal(hosts) / 1e6).toFixed(0)}`,
  ];
  const title = `\n${hosts} ${hosts === 1 ? 'host' : 'hosts'}, ${line}: cold / warm, medians of ${rounds}`;
  return `${[title, ...[['', ...head], ...body, wanted].map(columns)].join('\n')}\n`;
}

type Figure = keyof FleetCost;

function medians(row: Row | undefined, of: Figure): [number, number] {
  const each = (costs: readonly FleetCost[] = []): number => median(costs.map((cost) => cost[of]));
  return [each(row?.cold), each(row?.warm)];
}

function seconds(row: Row, of: Figure): [number, number] {
  const [cold, warm] = medians(row, of);
  return [cold / 1_000, warm / 1_000];
}

function ratios(row: Row, floor: Row | undefined, of: Figure): [number, number] {
  const [own, least] = [medians(row, of), medians(floor, of)];
  return [own[0] / least[0], own[1] / least[1]];
}

function pair(of: readonly [number, number]): string {
  return of.map((figure) => figure.toFixed(2)).join(' / ');
}

function bound(goal: readonly [number, number] | null): string {
  return goal === null ? '' : `≤ ${pair(goal)}`;
}

function columns([name = '', ...cells]: readonly string[]): string {
  return `  ${name.padEnd(22)}${cells.map((cell) => cell.padStart(WIDTH)).join('')}`;
}
