import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { GclabError } from '../errors.js';
import type { RemoteResult } from '../model.js';
import { timeoutSignal } from '../timeout-signal.js';
import { interrupted } from './failure.js';

export interface CommandOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Every whole line of stdout, as it comes. */
  readonly onLine?: (line: string) => void;
}

/** More than this of an output is dropped from its beginning: the end tells why a tool failed. */
const KEPT_CHARACTERS = 4 * 1024 * 1024;

/** What an aborted tool is given to tidy up before it is killed. */
const GRACE_MS = 5_000;

/**
 * Runs a tool of the controller to its end, in a process group of its own: a Ctrl-C in the terminal reaches us and not
 * the tool. Resolves for every exit code; rejects with `tool-missing` and, once the tool is gone, with `interrupted`.
 */
export async function run(
  argv: readonly [string, ...string[]],
  options: CommandOptions,
): Promise<RemoteResult> {
  if (options.signal.aborted) throw interrupted(`running ${argv[0]}`, options.signal.reason);
  const startedAt = performance.now();
  const child = spawn(argv[0], argv.slice(1), { detached: true, env: options.env });
  const stdout = kept(child.stdout, options.onLine);
  const stderr = kept(child.stderr);
  child.stdin.on('error', () => undefined).end(options.stdin ?? '');
  const timeout = timeoutSignal(options.timeoutMs ?? 2 ** 31 - 1);
  const letGo = killOnAbort(child, AbortSignal.any([options.signal, timeout]));
  const [exitCode, signal] = await ended(child, argv[0]).finally(letGo);
  if (options.signal.aborted) throw interrupted(`running ${argv[0]}`, options.signal.reason);
  const durationMs = performance.now() - startedAt;
  return {
    argv,
    exitCode,
    signal,
    stdout: stdout(),
    stderr: stderr(),
    durationMs,
    timedOut: timeout.aborted,
  };
}

/** As `run`, and anything but exit code 0 is a `tool-failed`. */
export async function runOrFail(
  argv: readonly [string, ...string[]],
  options: CommandOptions & { readonly doing: string; readonly target?: string },
): Promise<RemoteResult> {
  const result = await run(argv, options);
  if (result.exitCode === 0) return result;
  const { doing, target } = options;
  throw new GclabError({
    code: 'tool-failed',
    doing,
    ...(target && { target }),
    what: whyFailed(result),
    result,
  });
}

/** The last thing a failed tool said, with how it ended. */
export function whyFailed(result: RemoteResult): string {
  const said = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-3).join(' · ');
  const how = result.timedOut
    ? 'took too long'
    : `ended with ${result.signal ?? `exit code ${result.exitCode}`}`;
  return said === '' ? `${result.argv[0]} ${how}` : `${result.argv[0]} ${how}: ${said}`;
}

function kept(stream: Readable, onLine?: (line: string) => void): () => string {
  let text = '';
  let line = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-KEPT_CHARACTERS);
    if (onLine === undefined) return;
    const lines = (line + chunk).split('\n');
    line = lines.pop() ?? '';
    lines.forEach(onLine);
  });
  return () => text;
}

function ended(child: ChildProcess, tool: string): Promise<[number | null, NodeJS.Signals | null]> {
  return new Promise((resolve, reject) => {
    child.once('close', (code, signal) => resolve([code, signal]));
    child.once('error', (cause: NodeJS.ErrnoException) => {
      if (child.pid !== undefined) return;
      const what = cause.code === 'ENOENT' ? `${tool} is not installed` : cause.message;
      reject(
        new GclabError({
          code: 'tool-missing',
          doing: `running ${tool}`,
          what,
          hint: 'gclab doctor says what to install',
          cause,
        }),
      );
    });
  });
}

/** Asks the whole group to end, then makes it. */
function killOnAbort(child: ChildProcess, signal: AbortSignal): () => void {
  let grace: NodeJS.Timeout | undefined;
  const onAbort = () => {
    killGroup(child, 'SIGTERM');
    grace = setTimeout(() => killGroup(child, 'SIGKILL'), GRACE_MS);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  return () => {
    clearTimeout(grace);
    signal.removeEventListener('abort', onAbort);
  };
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Already gone.
  }
}
