import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ExecOptions, RemoteResult, RemoteStream } from '../../model.js';
import type { CommandContext } from './command-context.js';
import { connectionLost, interrupted, startTimeout } from './command-errors.js';
import { BoundedOutput } from './output.js';
import type { Input, Process, Spawn } from './process.js';
import { Stop } from './stop.js';
import { spawnAsRoot } from './sudo.js';

/** `Guest.exec`, the same for every kind of guest. */
export async function execCommand(
  context: CommandContext,
  argv: readonly string[],
  options: ExecOptions = {},
): Promise<RemoteResult> {
  const running = await start(context, argv, options, options.stdin === undefined ? 'nothing' : 'given');
  const stdout = new BoundedOutput(running.process.stdout, options.maxOutputBytes);
  feed(running.process.stdin, options.stdin);
  return finish(running, () => stdout.text);
}

/** `Guest.stream`. */
export async function streamCommand(
  context: CommandContext,
  argv: readonly string[],
  options: Omit<ExecOptions, 'stdin'> = {},
): Promise<RemoteStream> {
  const running = await start(context, argv, options, 'streamed');
  const { stdin, stdout, close } = running.process;
  stdin.on('error', () => {});
  const done = finish(running, () => '');
  // Whoever only reads stdout must not be ended by a rejection that they never asked for.
  done.catch(() => {});
  return { stdin, stdout, done, close };
}

interface Running {
  readonly context: CommandContext;
  readonly argv: readonly string[];
  readonly process: Process;
  readonly stderr: BoundedOutput;
  readonly stop: Stop;
  readonly startedAt: number;
}

async function start(
  context: CommandContext,
  argv: readonly string[],
  options: ExecOptions,
  input: Input,
): Promise<Running> {
  const startedAt = performance.now();
  const of = { target: context.target.name, argv };
  if (options.signal?.aborted) throw interrupted(of);
  if (context.lost.aborted) throw connectionLost(of, 'the connection is gone', context.lost.reason);
  const stop = new Stop(options.timeoutMs, options.signal);
  const spawn: Spawn = options.asRoot === true ? (...args) => spawnAsRoot(context, ...args) : context.spawn;
  const starting = spawn(argv, stop.signal, input);
  try {
    const process = await Promise.race([starting, stop.stopped]);
    if (process === 'stopped') throw stop.timedOut ? startTimeout(of) : interrupted(of);
    const stderr = new BoundedOutput(process.stderr, options.maxOutputBytes);
    return { context, argv, process, stderr, stop, startedAt };
  } catch (error) {
    stop.release();
    // It may still start: then nobody waits for it.
    starting.then(
      (late) => late.kill(),
      () => {},
    );
    throw error;
  }
}

async function finish(running: Running, stdout: () => string): Promise<RemoteResult> {
  const { context, argv, process, stop } = running;
  const ending = await Promise.race([process.ended, stop.stopped]);
  stop.release();
  const exit = ending !== 'stopped' && ending.kind === 'exit' ? ending : { exitCode: null, signal: null };
  const result: RemoteResult = {
    argv,
    exitCode: exit.exitCode,
    signal: exit.signal,
    stdout: stdout(),
    stderr: running.stderr.text,
    durationMs: performance.now() - running.startedAt,
    timedOut: stop.timedOut,
  };
  const of = { target: context.target.name, argv, result };
  if (ending === 'stopped') {
    process.kill();
    if (!stop.timedOut) throw interrupted(of);
  } else if (ending.kind === 'lost') {
    const what = context.lost.aborted ? 'the connection is gone' : 'it ended without an exit status';
    throw connectionLost(of, what, ending.cause);
  }
  return result;
}

/** A command that stops reading is no error of ours: what it made of its input is in its exit code. */
function feed(stdin: Writable, data: ExecOptions['stdin']): void {
  stdin.on('error', () => {});
  if (data === undefined || typeof data === 'string' || data instanceof Uint8Array) stdin.end(data);
  else pipeline(data, stdin).catch(() => {});
}
