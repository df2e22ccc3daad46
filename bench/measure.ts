import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface Command {
  readonly name: string;
  readonly argv: readonly string[];
  readonly cwd: string;
}

export interface Measured {
  readonly name: string;
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
}

/** Runs each command in turn, A B A B …, after one round that does not count. Whole processes, wall time in milliseconds. */
export async function alternate(commands: readonly Command[], rounds: number): Promise<Measured[]> {
  const times = commands.map((): number[] => []);
  for (let round = -1; round < rounds; round += 1) {
    for (const [index, command] of commands.entries()) {
      const ms = await time(command);
      if (round >= 0) times[index]?.push(ms);
    }
  }
  return commands.map(({ name }, index) => ({ name, ...spread(times[index] ?? []) }));
}

/** Not spawnSync: a server of the bench's own would wait with its log for this process to read it. */
async function time({ name, argv: [program = '', ...args], cwd }: Command): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  const status = await new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve));
  const ms = performance.now() - startedAt;
  if (status !== 0) throw new Error(`${name} ended with ${status}:\n${(await said).join('')}`);
  return ms;
}

function spread(times: readonly number[]): Omit<Measured, 'name'> {
  const sorted = [...times].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const medianMs = ((sorted[Math.floor(middle - 0.5)] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
  return { medianMs, minMs: sorted[0] ?? 0, maxMs: sorted.at(-1) ?? 0 };
}

export function report(title: string, measured: readonly Measured[], goal: string): void {
  const [own, floor] = measured;
  const row = ({ name, medianMs, minMs, maxMs }: Measured): string =>
    `  ${name.padEnd(34)} ${medianMs.toFixed(0).padStart(6)} ms  (${minMs.toFixed(0)} to ${maxMs.toFixed(0)})`;
  const ratio =
    own === undefined || floor === undefined
      ? ''
      : `  ratio ${(own.medianMs / floor.medianMs).toFixed(2)}, goal ${goal}`;
  process.stdout.write(`\n${title}\n${measured.map(row).join('\n')}\n${ratio}\n`);
}
