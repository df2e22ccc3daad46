import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const RUN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Put before the program's own words: `setpriv …`. */
  readonly within?: readonly string[];
  /** In place of bin/run.js. */
  readonly program?: string;
  readonly onSpawn?: (child: ChildProcess) => void;
  /** Called with all of stderr so far, each time more comes: the place to interrupt at a phase. */
  readonly onStderr?: (soFar: string, child: ChildProcess) => void;
}

export interface CliResult {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built CLI as a user would, in a process of its own, without a terminal. */
export function gclab(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const [program = '', ...words] = [
    ...(options.within ?? []),
    process.execPath,
    options.program ?? RUN,
    ...args,
  ];
  const child = spawn(program, words, {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  options.onSpawn?.(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (piece: Buffer) => {
    stdout += piece;
  });
  child.stderr.on('data', (piece: Buffer) => {
    stderr += piece;
    options.onStderr?.(stderr, child);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
  });
}
