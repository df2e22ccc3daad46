import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/** A line between client and server that can be slow, fall silent or be cut. */
export interface TcpProxy {
  readonly port: number;
  /** How often somebody connected. */
  readonly connections: number;
  /** How often the client spoke after the server had: round trips, however long one takes on a busy machine. */
  readonly turns: number;
  /** From now on nothing gets through in either direction, and nothing is closed. */
  silence(): void;
  /** Resets every connection; new ones get through. */
  cut(): void;
  stop(): Promise<void>;
}

/** `delayMs` each way. */
export async function startTcpProxy(to: { host: string; port: number }, delayMs = 0): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let silent = false;
  let connections = 0;
  let turns = 0;
  let serverSpoke = false;
  const server = createServer({ noDelay: true }, (near) => {
    connections++;
    const far = connect({ ...to, noDelay: true });
    near.on('data', () => {
      if (serverSpoke) turns++;
      serverSpoke = false;
    });
    far.on('data', () => {
      serverSpoke = true;
    });
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => into.destroy());
      from.on('close', () => sockets.delete(from));
      from.pipe(delay(() => silent, delayMs)).pipe(into);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    get turns() {
      return turns;
    },
    silence: () => {
      silent = true;
    },
    cut: () => {
      silent = false;
      for (const socket of sockets) socket.resetAndDestroy();
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Passes chunks on in their order, each after its time; several may be under way. */
function delay(isSilent: () => boolean, delayMs: number): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (isSilent()) return done();
      if (delayMs === 0) return done(null, chunk);
      setTimeout(() => this.push(chunk), delayMs);
      done();
    },
    flush(done) {
      setTimeout(done, isSilent() ? 2 ** 30 : delayMs);
    },
  });
}
