import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/** A line between client and server that can be slow, fall silent or be cut. */
export interface TcpProxy {
  readonly port: number;
  /** How often somebody connected. */
  readonly connections: number;
  /** From now on nothing gets through in either direction, and nothing is closed. */
  silence(): void;
  /** Resets every connection; new ones get through. */
  cut(): void;
  /** Resets every connection, and new ones until somebody mends it. */
  tear(): void;
  mend(): void;
  /** From now on what the client says is kept back. */
  hold(): void;
  /** Resets the client's side alone, so that the server still waits; new connections get through. */
  strand(): void;
  /** What was kept back arrives after all. */
  release(): void;
  stop(): Promise<void>;
}

export interface Line {
  /** Each way. */
  readonly delayMs?: number;
  /**
   * What the client says behind more round trips than these never arrives: it heard an answer first that took as many. So what
   * comes about needs no more of them, however slow a busy machine is in between.
   */
  readonly roundTrips?: number;
}

export async function startTcpProxy(
  to: { host: string; port: number },
  { delayMs = 0, roundTrips = Number.POSITIVE_INFINITY }: Line = {},
): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const pairs = new Set<Pair>();
  let silent = false;
  let torn = false;
  let holding = false;
  let connections = 0;
  const server = createServer({ noDelay: true }, (near) => {
    if (torn) return near.resetAndDestroy();
    connections++;
    const far = connect({ ...to, noDelay: true });
    const pair: Pair = { near, far, kept: [] };
    pairs.add(pair);
    far.once('close', () => pairs.delete(pair));
    // How many round trips are behind what has reached each end. A server greets unasked, however late; what a busy machine reads
    // in one piece with the greeting answers the client's.
    const behind = new Map([near, far].map((end) => [end, 0]));
    let isGreeted = false;
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => into.destroy());
      from.on('close', () => sockets.delete(from));
      const keep = (chunk: Buffer): boolean => holding && from === near && pair.kept.push(chunk) > 0;
      const tripsBehind = (chunk: Buffer): number => {
        const isGreeting = from === far && !isGreeted && chunk.indexOf('\n') === chunk.length - 1;
        isGreeted ||= from === far;
        return isGreeting ? 0 : (behind.get(from) ?? 0) + (from === near ? 1 : 0);
      };
      const isStopped = (chunk: Buffer): boolean =>
        silent || keep(chunk) || (from === near && tripsBehind(chunk) > roundTrips);
      const onSent = (chunk: Buffer): (() => void) => {
        const trips = tripsBehind(chunk);
        return () => void behind.set(into, Math.max(behind.get(into) ?? 0, trips));
      };
      from.pipe(delay(isStopped, onSent, delayMs)).pipe(into);
    }
    return undefined;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    silence: () => {
      silent = true;
    },
    cut: () => {
      silent = false;
      for (const socket of sockets) socket.resetAndDestroy();
    },
    tear: () => {
      torn = true;
      for (const socket of sockets) socket.resetAndDestroy();
    },
    mend: () => {
      torn = false;
    },
    hold: () => {
      holding = true;
    },
    strand: () => {
      holding = false;
      for (const { near } of pairs) near.resetAndDestroy();
    },
    release: () => {
      for (const { far, kept } of pairs) for (const chunk of kept.splice(0)) far.write(chunk);
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
  readonly kept: Buffer[];
}

/** Passes chunks on in their order, each after its time; several may be under way. `onSent` gives what to do when one arrives. */
function delay(
  isStopped: (chunk: Buffer) => boolean,
  onSent: (chunk: Buffer) => () => void,
  delayMs: number,
): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (isStopped(chunk)) return done();
      const onArrived = onSent(chunk);
      const arrive = (): void => {
        onArrived();
        this.push(chunk);
      };
      if (delayMs === 0) arrive();
      else setTimeout(arrive, delayMs);
      done();
    },
    flush(done) {
      setTimeout(done, isStopped(Buffer.alloc(0)) ? 2 ** 30 : delayMs);
    },
  });
}
