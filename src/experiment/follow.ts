import { ERROR_EXITS, type ErrorCode, GclabError } from '../errors.js';
import type { Guest, RemoteStream } from '../model.js';
import type { Connection } from '../transport/connection.js';
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
  /** The connection dropped, and the next one is there. */
  readonly onReconnected: () => void;
  /** Aborted: the run is stopped on the guest, what it wrote is still collected. */
  readonly signal: AbortSignal;
}

/** gcexp says `alive` every second; the slowest guest gets a lot of patience. */
const STOP_GRACE_MS = 20_000;

/**
 * Starts a run on the guest, or goes on following one, until everything it wrote is here. The guest owns the run:
 * when the connection drops this goes on over the next from the offsets it has.
 */
export async function followRun(connection: Connection, options: FollowOptions): Promise<void> {
  let isFirst = true;
  await connection.use('following the run', async (guest) => {
    if (!isFirst) options.onReconnected();
    const start = options.configuration !== undefined && (isFirst || !(await hasRun(guest, options)));
    isFirst = false;
    await followOnce(guest, options, start);
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
