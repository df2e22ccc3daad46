import { ERROR_EXITS, type ErrorCode, GclabError } from '../errors.js';
import type { Guest, RemoteStream } from '../model.js';
import type { Collection } from './collection.js';
import type { GuestFolder } from './guest-folder.js';
import { type JournalLine, parseJournalLine } from './journal.js';
import { LineSplitter } from './line-splitter.js';
import { FrameReader, type GuestError } from './stream.js';

export interface FollowOptions {
  readonly folder: GuestFolder;
  readonly runId: string;
  /** One line of JSON for `gcexp start`; absent when the run was started before. */
  readonly configuration?: string;
  readonly collection: Collection;
  /** Each journal line, after it is on the controller's disk. */
  readonly onLine: (line: JournalLine) => void;
  /** Says that the line dropped and when it is back. */
  readonly onNote: (text: string) => void;
  /** A fresh connection to the same guest; rejects when there is none to be had yet. */
  readonly reconnect: () => Promise<Guest>;
  /** For how long a dropped line is tried again. */
  readonly reconnectMs: number;
  /** Aborted: the run is stopped on the guest, what it wrote is still collected. */
  readonly signal: AbortSignal;
}

const RETRY_PAUSE_MS = 500;
/** gcexp says `alive` every second; the slowest guest gets a lot of patience. */
const STOP_GRACE_MS = 20_000;

/**
 * Starts a run on the guest, or goes on following one, until everything it wrote is here. The guest owns the run:
 * when the line drops this connects again and goes on from the offsets it has. Returns the guest it ended on.
 */
export async function followRun(guest: Guest, options: FollowOptions): Promise<Guest> {
  let current = guest;
  let mayStart = options.configuration !== undefined;
  for (;;) {
    try {
      await followOnce(current, options, mayStart);
      return current;
    } catch (error) {
      if (!isLost(error)) throw error;
      options.onNote('the connection dropped; the run goes on there, connecting again');
      current = await reconnectUntil(options, error);
      mayStart = options.configuration !== undefined && !(await hasRun(current, options));
      options.onNote('connected again');
    }
  }
}

function isLost(error: unknown): error is GclabError {
  return error instanceof GclabError && error.code === 'connection-lost';
}

async function reconnectUntil(options: FollowOptions, lost: GclabError): Promise<Guest> {
  const deadline = performance.now() + options.reconnectMs;
  for (;;) {
    try {
      return await options.reconnect();
    } catch (error) {
      if (options.signal.aborted || performance.now() > deadline) throw leftBehind(lost, error);
      await pause(RETRY_PAUSE_MS, options.signal);
    }
  }
}

/** Resolves early, without complaint, when interrupted: the caller looks. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
  });
}

function leftBehind(lost: GclabError, cause: unknown): GclabError {
  return new GclabError({
    code: 'connection-lost',
    doing: 'following the run',
    ...(lost.target === undefined ? {} : { target: lost.target }),
    what: `the connection dropped and did not come back (${cause instanceof Error ? cause.message : String(cause)})`,
    hint: 'the run goes on there by itself; collect it later with: gclab remote attach',
    cause,
  });
}

/** The line may have dropped before `start` arrived, or after: only the guest knows. */
async function hasRun(guest: Guest, { folder, runId }: FollowOptions): Promise<boolean> {
  const asRoot = guest.privilege !== 'none';
  const result = await guest.exec(['test', '-d', `${folder.dir}/runs/${runId}`], {
    asRoot,
    timeoutMs: 30_000,
  });
  return result.exitCode === 0;
}

async function followOnce(guest: Guest, options: FollowOptions, start: boolean): Promise<void> {
  const stream = await guest.stream(argvOf(options, start), { asRoot: guest.privilege !== 'none' });
  if (start) stream.stdin.write(`${options.configuration}\n`);
  const release = stopOnAbort(stream, options.signal);
  try {
    await readFrames(stream, guest.target.name, options);
  } finally {
    release();
    stream.close();
  }
}

function argvOf({ folder, runId, collection }: FollowOptions, start: boolean): string[] {
  if (start) return [folder.gcexp, 'start'];
  const offsets = (['journal', 'log', 'kernel'] as const).flatMap((name) => [
    `-${name}`,
    String(collection.offsetOf(name)),
  ]);
  return [folder.gcexp, 'follow', '-run', `${folder.dir}/runs/${runId}`, ...offsets];
}

/** Asks the supervisor to end, and gives up on its answer after a while. */
function stopOnAbort(stream: RemoteStream, signal: AbortSignal): () => void {
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    stream.stdin.write('stop\n');
    timer = setTimeout(() => stream.close(), STOP_GRACE_MS);
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return () => {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  };
}

async function readFrames(stream: RemoteStream, target: string, options: FollowOptions): Promise<void> {
  const frames = new FrameReader(target);
  const lines = new LineSplitter();
  for await (const piece of stream.stdout as AsyncIterable<Uint8Array>) {
    for (const frame of frames.push(piece)) {
      switch (frame.kind) {
        case 'journal':
          await options.collection.append(frame.kind, frame.offset, frame.bytes);
          for (const line of lines.push(frame.bytes)) announce(line, options);
          break;
        case 'log':
        case 'kernel':
          await options.collection.append(frame.kind, frame.offset, frame.bytes);
          break;
        case 'alive':
          break;
        case 'error':
          throw errorFromGuest(frame.error, target);
        case 'end':
          return;
      }
    }
  }
  throw await endedEarly(stream, frames.noise, target, options.signal);
}

function announce(text: string, options: FollowOptions): void {
  const line = parseJournalLine(text);
  if (line !== undefined && line.type !== 'damaged') options.onLine(line);
}

/** The stream ended without an `end`: the line dropped, gcexp could not run, or we gave up waiting for a stop. */
async function endedEarly(
  stream: RemoteStream,
  noise: string,
  target: string,
  signal: AbortSignal,
): Promise<GclabError> {
  const doing = 'following the run';
  if (signal.aborted) {
    return new GclabError({ code: 'interrupted', doing, target, what: 'the run did not stop in time' });
  }
  const result = await stream.done;
  const said = `${result.stderr}\n${noise}`.trim();
  const ended = result.signal ?? `exit ${result.exitCode}`;
  const what = `gcexp ended with ${ended} before it was done${said === '' ? '' : `: ${said}`}`;
  const hint = 'see whether that program can be started there by hand';
  return new GclabError({ code: 'remote-failed', doing, target, what, hint, result });
}

/** gcexp's codes (docs/wire.md) are gclab's where they have the same name. */
export function errorFromGuest(error: GuestError, target: string): GclabError {
  const own = GUEST_CODES[error.code] ?? error.code;
  const code: ErrorCode = own in ERROR_EXITS ? (own as ErrorCode) : 'run-failed';
  const hint = error.hint === '' ? {} : { hint: error.hint };
  return new GclabError({ code, doing: 'running the experiment', target, what: error.message, ...hint });
}

const GUEST_CODES: Readonly<Record<string, string>> = {
  'cgroup-unavailable': 'not-ready',
  'limit-above-ancestor': 'not-ready',
};
