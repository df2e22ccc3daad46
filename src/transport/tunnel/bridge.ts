import { PassThrough, type Readable } from 'node:stream';
import type { Guest, RemoteStream } from '../../model.js';
import type { ChannelEnds } from './channel-duplex.js';

/** A program on the guest that joins its stdin and stdout to a TCP port there. Costs one session each. */
export interface Bridge {
  readonly argv: readonly string[];
  /** The line it says once it is connected; what comes before is noise of the login shell. Absent: there is none. */
  readonly greeting?: string;
  /** Where only root may run it. */
  readonly asRoot?: boolean;
}

/**
 * For how long a bridge waits for one of the server's sessions. The bridge before it may be about to end; all other sessions of ours
 * last, so that more patience would only hide that there is none.
 */
const SESSION_MS = 1_000;
const LOOK_MS = 100;
/** From when it runs. */
const GREETING_MS = 10_000;

/** The server has no session for the bridge: the others of ours last. */
export class NoSession extends Error {}

/** More noise than this before the greeting, and it isn't the bridge that talks. */
const MAX_NOISE_BYTES = 64 * 1024;

/** Opens a connection through the bridge; rejects with `NoSession`, or where it ends before its greeting. */
export async function openBridge(guest: Guest, bridge: Bridge): Promise<ChannelEnds> {
  const stream = await openSession(guest, bridge);
  const ended = stream.done.then(
    (result) =>
      new Error(result.stderr.trim() || `the bridge ended with ${result.exitCode ?? result.signal}`),
    (error: Error) => error,
  );
  const readable =
    bridge.greeting === undefined
      ? stream.stdout
      : await skipTo(bridge.greeting, stream.stdout, ended, () => stream.close());
  return {
    readable,
    writable: stream.stdin,
    isWritable: () => stream.stdin.writable && !guest.lost.aborted,
    onClose: (closed) => void ended.then(closed),
    close: () => stream.close(),
  };
}

async function openSession(guest: Guest, bridge: Bridge): Promise<RemoteStream> {
  const inVain = new AbortController();
  let shortSince = Number.POSITIVE_INFINITY;
  const look = setInterval(() => {
    shortSince = guest.isShortOfSessions ? Math.min(shortSince, performance.now()) : Number.POSITIVE_INFINITY;
    if (performance.now() - shortSince > SESSION_MS) inVain.abort();
  }, LOOK_MS);
  try {
    return await guest.stream(bridge.argv, { asRoot: bridge.asRoot ?? false, signal: inVain.signal });
  } catch (error) {
    throw inVain.signal.aborted ? new NoSession('all that it allows are in use') : error;
  } finally {
    clearInterval(look);
  }
}

async function skipTo(
  greeting: string,
  stdout: Readable,
  ended: Promise<Error>,
  close: () => void,
): Promise<Readable> {
  const rest = new PassThrough();
  const line = Buffer.from(`${greeting}\n`);
  let noise = Buffer.alloc(0);
  let timer: NodeJS.Timeout | undefined;
  const greeted = new Promise<void>((resolve, reject) => {
    const listen = (chunk: Buffer): void => {
      noise = Buffer.concat([noise, chunk]);
      const at = indexOfLine(noise, line);
      if (at === -1) {
        if (noise.length > MAX_NOISE_BYTES) reject(new Error('the bridge did not greet'));
        return;
      }
      stdout.off('data', listen);
      rest.write(noise.subarray(at + line.length));
      stdout.pipe(rest);
      resolve();
    };
    stdout.on('data', listen);
    void ended.then(reject);
    timer = setTimeout(
      () => reject(new Error(`no greeting of the bridge within ${GREETING_MS / 1_000} s`)),
      GREETING_MS,
    );
  });
  try {
    await greeted;
  } catch (error) {
    close();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return rest;
}

function indexOfLine(text: Buffer, line: Buffer): number {
  for (let at = text.indexOf(line); at !== -1; at = text.indexOf(line, at + 1)) {
    if (at === 0 || text[at - 1] === 0x0a) return at;
  }
  return -1;
}
