import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/** A line between client and server that can be slow, fall silent or be cut. */
export interface TcpProxy {
  readonly port: number;
  /** How often somebody connected. */
  readonly connections: number;
  /**
   * The most round trips behind anything that has reached the client: one more than behind what had reached it before it
   * asked. A busy machine that says in two pieces what it could in one makes no more of them.
   */
  readonly roundTrips: number;
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

/** `delayMs` each way. */
export async function startTcpProxy(to: { host: string; port: number }, delayMs = 0): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const pairs = new Set<Pair>();
  let silent = false;
  let torn = false;
  let holding = false;
  let connections = 0;
  let roundTrips = 0;
  const server = createServer({ noDelay: true }, (near) => {
    if (torn) return near.resetAndDestroy();
    connections++;
    const far = connect({ ...to, noDelay: true });
    const pair: Pair = { near, far, kept: [] };
    pairs.add(pair);
    far.once('close', () => pairs.delete(pair));
    // How many round trips are behind what has reached each end.
    const behind = new Map([near, far].map((end) => [end, 0]));
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => into.destroy());
      from.on('close', () => sockets.delete(from));
      const keep = (chunk: Buffer): boolean => holding && from === near && pair.kept.push(chunk) > 0;
      const onSent = (): (() => void) => {
        const trips = (behind.get(from) ?? 0) + (from === near ? 1 : 0);
        return () => {
          behind.set(into, Math.max(behind.get(into) ?? 0, trips));
          if (into === near) roundTrips = Math.max(roundTrips, trips);
        };
      };
      from.pipe(delay((chunk) => silent || keep(chunk), onSent, delayMs)).pipe(into);
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
    get roundTrips() {
      return roundTrips;
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
function delay(isStopped: (chunk: Buffer) => boolean, onSent: () => () => void, delayMs: number): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (isStopped(chunk)) return done();
      const onArrived = onSent();
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
