import { PassThrough, type Readable } from 'node:stream';
import type { Guest } from '../model.js';
import type { ChannelEnds } from './channel-duplex.js';

/** A program on the guest that joins its stdin and stdout to a TCP port there. Costs one session each. */
export interface Bridge {
  readonly argv: readonly string[];
  /** The line it says once it is connected; what comes before is noise of the login shell. Absent: there is none. */
  readonly greeting?: string;
  /** Where only root may run it. */
  readonly asRoot?: boolean;
}

/** More noise than this before the greeting, and it isn't the bridge that talks. */
const MAX_NOISE_BYTES = 64 * 1024;

/** Opens a connection through the bridge; rejects where it ends before its greeting. */
export async function openBridge(guest: Guest, bridge: Bridge): Promise<ChannelEnds> {
  const stream = await guest.stream(bridge.argv, { asRoot: bridge.asRoot ?? false });
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

async function skipTo(
  greeting: string,
  stdout: Readable,
  ended: Promise<Error>,
  close: () => void,
): Promise<Readable> {
  const rest = new PassThrough();
  const line = Buffer.from(`${greeting}\n`);
  let noise = Buffer.alloc(0);
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
  });
  await greeted.catch((error: unknown) => {
    close();
    throw error;
  });
  return rest;
}

function indexOfLine(text: Buffer, line: Buffer): number {
  for (let at = text.indexOf(line); at !== -1; at = text.indexOf(line, at + 1)) {
    if (at === 0 || text[at - 1] === 0x0a) return at;
  }
  return -1;
}
