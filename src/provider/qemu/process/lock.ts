import { once } from 'node:events';
import { mkdir, rm, rmdir, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
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
    if (holder === 'left') await removeLeft(path);
    else if (typeof holder === 'string') await sleep(PAUSE_MS);
    else await closeOf(holder, signal);
  }
}

const PAUSE_MS = 20;
/** Removing takes a moment; who was killed in it holds up the others no longer than this. */
const REMOVAL_MS = 5_000;

/**
 * Removes the socket of a holder that was killed. One at a time, and only after another look: that of the next holder has the same
 * name, and may be there since, or not listen for an instant yet. While one is left, no other takes its place.
 */
async function removeLeft(path: string): Promise<void> {
  const removal = `${path}.removal`;
  if (!(await isMade(removal))) {
    await sleep(PAUSE_MS);
    const { mtimeMs } = await stat(removal).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > REMOVAL_MS) await rmdir(removal).catch(() => undefined);
    return;
  }
  try {
    await sleep(PAUSE_MS);
    const holder = await connectSocket(path);
    if (holder === 'left') await rm(path, { force: true });
    else if (typeof holder !== 'string') holder.destroy();
  } finally {
    await rmdir(removal);
  }
}

async function isMade(folder: string): Promise<boolean> {
  return await mkdir(folder).then(
    () => true,
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'EEXIST') return false;
      throw cause;
    },
  );
}

async function closeOf(holder: import('node:net').Socket, signal: AbortSignal): Promise<void> {
  holder.on('error', () => undefined).resume();
  const onAbort = () => holder.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  // Not by events.once, for which a reset by the holder would be a failure.
  if (!holder.destroyed) await new Promise((resolve) => holder.once('close', resolve));
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
