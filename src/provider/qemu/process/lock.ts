import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { interrupted } from '../../controller/failure.js';
import type { Work } from '../../provider.js';
import { connectSocket } from '../monitor/session.js';

/**
 * Runs `inside` while nobody else does, on the whole controller. The lock is a socket that its holder listens on: it goes
 * away with the holder, however that ends, and whoever waits sees its connection close.
 */
export async function locked<T>(path: string, work: Work, inside: () => Promise<T>): Promise<T> {
  const server = await take(path, work.signal);
  try {
    return await inside();
  } finally {
    const closed = once(server, 'close');
    server.close();
    for (const waiting of waiters.get(server) ?? []) waiting.destroy();
    await closed;
  }
}

const waiters = new WeakMap<Server, Set<import('node:net').Socket>>();

async function take(path: string, signal: AbortSignal): Promise<Server> {
  for (;;) {
    if (signal.aborted) throw interrupted('waiting for another gclab', signal.reason);
    const server = await listen(path);
    if (server !== undefined) return server;
    const holder = await connectSocket(path);
    // Nobody listens any more: the holder was killed.
    if (typeof holder === 'string') await rm(path, { force: true });
    else await closeOf(holder, signal);
  }
}

async function closeOf(holder: import('node:net').Socket, signal: AbortSignal): Promise<void> {
  holder.on('error', () => undefined).resume();
  const onAbort = () => holder.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  if (!holder.destroyed) await once(holder, 'close');
  signal.removeEventListener('abort', onAbort);
}

function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const waiting = new Set<import('node:net').Socket>();
    const server = createServer((socket) => {
      waiting.add(socket);
      socket.on('error', () => undefined).on('close', () => waiting.delete(socket));
    });
    waiters.set(server, waiting);
    server.once('error', (cause: NodeJS.ErrnoException) =>
      cause.code === 'EADDRINUSE' ? resolve(undefined) : reject(cause),
    );
    server.listen(path, () => resolve(server));
  });
}
