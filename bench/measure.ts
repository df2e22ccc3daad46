import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { median } from './median.js';

export interface Command {
  readonly name: string;
  readonly argv: readonly string[];
  readonly cwd: string;
}

/** What one run of a command took: the whole process and all of its children that were waited for. */
export interface Cost {
  readonly wallMs: number;
  /** User and system time together. */
  readonly cpuMs: number;
}

export interface Measured {
  readonly name: string;
  readonly costs: readonly Cost[];
}

/** bash's `time` has the children's processor time to the millisecond; Node tells only its own. */
const TIMED = 'TIMEFORMAT="%3R %3U %3S"; { time "$@" >"$0/out" 2>"$0/err"; } 2>&1';

/** Runs a command; rejects with what it printed where it fails. */
export async function timed({ name, argv, cwd }: Command): Promise<Cost> {
  const folder = mkdtempSync(join(tmpdir(), 'gclab-timed-'));
  try {
    // Not spawnSync: a server of the bench's own would wait with its log for this process to read it.
    const child = spawn('bash', ['-c', TIMED, folder, ...argv], {
      cwd,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said = text(child.stdout);
    const status = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
    const read = (file: string): string => readFileSync(join(folder, file), 'utf8').slice(-4_000);
    if (status !== 0) throw new Error(`${name} ended with ${status}:\n${read('out')}${read('err')}`);
    const [wall = 0, user = 0, system = 0] = (await said).trim().split(' ').map(Number);
    return { wallMs: wall * 1_000, cpuMs: (user + system) * 1_000 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs each command in turn, A B A B …, after one round that does not count. */
export async function alternate(commands: readonly Command[], rounds: number): Promise<Measured[]> {
  const costs = commands.map((): Cost[] => []);
  for (let round = -1; round < rounds; round += 1) {
    for (const [index, command] of commands.entries()) {
      const cost = await timed(command);
      if (round >= 0) costs[index]?.push(cost);
    }
  }
  return commands.map(({ name }, index) => ({ name, costs: costs[index] ?? [] }));
}

/** The goals are ratios of the first to the second. */
export interface Goals {
  readonly wall: string;
  readonly cpu?: string;
}

export function report(title: string, measured: readonly Measured[], goals: Goals): void {
  const row = ({ name, costs }: Measured): string => {
    const wall = costs.map((cost) => cost.wallMs);
    const spread = `(${Math.min(...wall).toFixed(0)} to ${Math.max(...wall).toFixed(0)})`;
    const cpuMs = median(costs.map((cost) => cost.cpuMs)).toFixed(0);
    return `  ${name.padEnd(38)} ${median(wall).toFixed(0).padStart(6)} ms  ${spread.padEnd(14)}  CPU ${cpuMs.padStart(5)} ms`;
  };
  const [own, floor] = measured;
  const ratio = (of: keyof Cost): string =>
    (
      median(own?.costs.map((cost) => cost[of]) ?? []) / median(floor?.costs.map((cost) => cost[of]) ?? [])
    ).toFixed(2);
  const ofCpu = goals.cpu === undefined ? '' : `; of the CPU times ${ratio('cpuMs')}, goal ${goals.cpu}`;
  const ratios = `  ratio of the wall times ${ratio('wallMs')}, goal ${goals.wall}${ofCpu}`;
  process.stdout.write(`\n${title}\n${measured.map(row).join('\n')}\n${ratios}\n`);
}
