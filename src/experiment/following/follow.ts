import { unlessAborted } from '../../concurrency/deferred.js';
import { ERROR_EXITS, type ErrorCode, EXIT, GclabError } from '../../errors.js';
import type { GuestFolder } from '../../guest/folder.js';
import type { GuestError } from '../../guest/guest-error.js';
import { JournalReader } from '../../journal/read.js';
import type { ReadLine } from '../../journal/schema.js';
import type { Guest, RemoteStream } from '../../model.js';
import type { Connection } from '../../transport/connection.js';
import type { Collection } from './collection.js';
import { FrameReader } from './stream.js';

export interface FollowOptions {
  readonly folder: GuestFolder;
  readonly runId: string;
  /** One line of JSON for `gcexp start`; absent when the run was started before. */
  readonly configuration?: string;
  readonly collection: Collection;
  /** Each journal line, after it is on the controller's disk. */
  readonly onLine: (line: ReadLine) => void;
  /** The connection dropped, and the next one is there. */
  readonly onReconnected: () => void;
  /** The supervisor is done and everything was sent. Resolves once that is on this controller's disk. */
  readonly onEnd: () => Promise<void>;
  /** Aborted: the run is stopped on the guest, what it wrote is still collected. */
  readonly signal: AbortSignal;
  /** Aborted: nobody waits any longer, whatever the run does; rejects with its reason. */
  readonly leave: AbortSignal;
}

export interface Followed {
  /** What went wrong on the guest; null where the supervisor is done. */
  readonly fault: GclabError | null;
  /** Whether the run was seen to go from the guest. */
  readonly isRemoved: boolean;
}

/** gcexp says `alive` every second; the slowest guest gets a lot of patience. */
const STOP_GRACE_MS = 20_000;

/** For removing a folder, and perhaps a cgroup. */
const REMOVE_GRACE_MS = 20_000;

/**
 * Starts a run on the guest, or goes on following one, until everything it wrote is here. The guest owns the run:
 * when the connection drops this goes on over the next from the offsets it has. Resolves once there is no more to come. Where
 * nothing went wrong the same session then removes the run from the guest.
 */
export async function followRun(connection: Connection, options: FollowOptions): Promise<Followed> {
  const { leave } = options;
  let isFirst = true;
  const follow = async (guest: Guest): Promise<Followed> => {
    if (!isFirst) options.onReconnected();
    const start = options.configuration !== undefined && (isFirst || !(await hasRun(guest, options)));
    isFirst = false;
    return await followOnce(guest, options, start);
  };
  return await unlessAborted(connection.use('following the run', follow, leave), leave);
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

async function followOnce(guest: Guest, options: FollowOptions, start: boolean): Promise<Followed> {
  const stream = await guest.stream(argvOf(options, start), { asRoot: guest.privilege !== 'none' });
  if (start) stream.stdin.write(`${options.configuration}\n`);
  const release = stopOnAbort(stream, options.signal);
  const leave = (): void => stream.close();
  options.leave.addEventListener('abort', leave, { once: true });
  const pieces = (stream.stdout as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  try {
    options.leave.throwIfAborted();
    const fault = await readFrames(stream, pieces, guest.target.name, options);
    release();
    if (fault !== null) return { fault, isRemoved: false };
    await options.onEnd();
    return { fault, isRemoved: await remove(stream, pieces) };
  } finally {
    release();
    options.leave.removeEventListener('abort', leave);
    // Not waited for: where a piece is still to come, only the close lets it end.
    void pieces.return?.().catch(() => undefined);
    stream.close();
  }
}

/** What is not seen to succeed here is done again, in a session of its own. */
async function remove(stream: RemoteStream, pieces: AsyncIterator<Uint8Array>): Promise<boolean> {
  const timer = setTimeout(() => stream.close(), REMOVE_GRACE_MS);
  try {
    stream.stdin.write('clean\n');
    // Its end is only seen once its output was read.
    while (!(await pieces.next()).done);
    return (await stream.done).exitCode === 0;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function argvOf({ folder, runId, collection }: FollowOptions, start: boolean): string[] {
  if (start) return [folder.gcexp, 'start', '-clean'];
  const offsets = (['journal', 'log', 'kernel'] as const).flatMap((name) => [
    `-${name}`,
    String(collection.offsetOf(name)),
  ]);
  return [folder.gcexp, 'follow', '-clean', '-run', `${folder.dir}/runs/${runId}`, ...offsets];
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

async function readFrames(
  stream: RemoteStream,
  pieces: AsyncIterator<Uint8Array>,
  target: string,
  options: FollowOptions,
): Promise<GclabError | null> {
  const frames = new FrameReader(target);
  const journal = new JournalReader();
  let hasBegun = false;
  for (let piece = await pieces.next(); !piece.done; piece = await pieces.next()) {
    for (const frame of frames.push(piece.value)) {
      switch (frame.kind) {
        case 'journal':
          await options.collection.append(frame.kind, frame.offset, frame.bytes);
          for (const line of journal.push(frame.bytes)) {
            hasBegun ||= line.type === 'trial-start';
            options.onLine(line);
          }
          break;
        case 'log':
        case 'kernel':
          await options.collection.append(frame.kind, frame.offset, frame.bytes);
          break;
        case 'alive':
          break;
        case 'error':
          return errorFromGuest(frame.error, target, hasBegun);
        case 'end':
          return null;
      }
    }
  }
  throw await endedEarly(stream, frames.noise, target, options.signal);
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

/** gcexp's codes (docs/wire.md) are gclab's where they have the same name; a guest on which a trial has begun was ready for it. */
export function errorFromGuest(error: GuestError, target: string, hasBegun = false): GclabError {
  const own = GUEST_CODES[error.code] ?? error.code;
  const known: ErrorCode = own in ERROR_EXITS ? (own as ErrorCode) : 'run-failed';
  const code = hasBegun && ERROR_EXITS[known] === EXIT.notReady ? 'run-failed' : known;
  const hint = error.hint === '' ? {} : { hint: error.hint };
  return new GclabError({ code, doing: 'running the experiment', target, what: error.message, ...hint });
}

const GUEST_CODES: Readonly<Record<string, string>> = {
  'cgroup-unavailable': 'not-ready',
  'limit-above-ancestor': 'not-ready',
};
