import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gclab } from './cli.js';
import { startInTerminal } from './terminal/terminal.js';

const COUNTER = fileURLToPath(new URL('count-handles.js', import.meta.url));

/** How a process of the CLI ended. */
export interface Ending {
  readonly how: 'by itself' | 'process.exit' | 'stayed';
  /** Pending when the command was done. */
  readonly timers: number;
  /** The kinds of what still held the process long after that. */
  readonly open: readonly string[];
}

export interface Ended extends Ending {
  readonly exitCode: number | null;
  /** Standard output, or everything that a terminal was sent. */
  readonly output: string;
}

export interface Place {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly terminal: boolean;
  /** Typed on the terminal once this stands there. */
  readonly answers?: readonly (readonly [string | RegExp, string])[];
}

/** Runs the CLI to its end, on a terminal or with pipes, and counts what it left open. */
export async function endingOf(args: readonly string[], place: Place): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'gclab-ending-'));
  const file = join(folder, 'ending');
  const env = { ...place.env, GCLAB_TEST_ENDING: file };
  const { exitCode, output } = await (place.terminal ? onTerminal : piped)(args, { ...place, env });
  const ending = JSON.parse(readFileSync(file, 'utf8')) as Ending;
  rmSync(folder, { recursive: true });
  return { ...ending, exitCode, output };
}

type Output = Pick<Ended, 'exitCode' | 'output'>;

async function piped(args: readonly string[], { cwd, env }: Place): Promise<Output> {
  const { exitCode, stdout } = await gclab(args, { cwd, env, program: COUNTER });
  return { exitCode, output: stdout };
}

async function onTerminal(args: readonly string[], { cwd, env, answers = [] }: Place): Promise<Output> {
  const set = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const terminal = startInTerminal(['env', ...set, process.execPath, COUNTER, ...args], cwd);
  for (const [shown, keys] of answers) {
    await terminal.shows(shown);
    terminal.type(keys);
  }
  const exitCode = await terminal.exitCode();
  return { exitCode, output: terminal.written };
}
