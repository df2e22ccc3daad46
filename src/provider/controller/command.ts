import type { ResultPromise } from 'execa';
import { timeoutSignal } from '../../concurrency/timeout-signal.js';
import { GclabError } from '../../errors.js';
import type { RemoteResult } from '../../model.js';
import { interrupted } from './failure.js';

export interface CommandOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Every line of stdout, as it comes. */
  readonly onLine?: (line: string) => void;
}

/** A tool that says more than this is ended. */
const MOST_CHARACTERS = 64 * 1024 * 1024;

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
  const [tool, ...args] = argv;
  // Loaded when a tool is run, which takes longer than that.
  const { execa } = await import('execa');
  if (options.signal.aborted) throw interrupted(`running ${tool}`, options.signal.reason);
  const child = execa(tool, args, {
    detached: true,
    reject: false,
    stripFinalNewline: false,
    extendEnv: false,
    ...(options.env === undefined ? {} : { env: options.env }),
    input: options.stdin ?? '',
    maxBuffer: MOST_CHARACTERS,
    ...(options.onLine === undefined ? {} : { stdout: linesTo(options.onLine) }),
  });
  const timeout = timeoutSignal(options.timeoutMs ?? 2 ** 31 - 1);
  const letGo = killOnAbort(child, AbortSignal.any([options.signal, timeout]));
  const {
    exitCode = null,
    signal = null,
    stdout,
    stderr,
    durationMs,
    code,
    cause,
  } = await child.finally(letGo);
  if (options.signal.aborted) throw interrupted(`running ${tool}`, options.signal.reason);
  if (child.pid === undefined) throw toolMissing(tool, code, cause);
  return { argv, exitCode, signal, stdout, stderr, durationMs, timedOut: timeout.aborted };
}

/** Hands on what comes, as it comes. */
function linesTo(onLine: (line: string) => void) {
  return function* (line: unknown) {
    onLine(String(line));
    yield line;
  };
}

function toolMissing(tool: string, code: string | undefined, cause: unknown): GclabError {
  return new GclabError({
    code: 'tool-missing',
    doing: `running ${tool}`,
    what: code === 'ENOENT' ? `${tool} is not installed` : String(cause),
    hint: 'gclab doctor says what to install',
    cause,
  });
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

/** Asks the whole group to end, then makes it. */
function killOnAbort(child: Pick<ResultPromise, 'pid'>, signal: AbortSignal): () => void {
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

function killGroup(child: Pick<ResultPromise, 'pid'>, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Already gone.
  }
}
