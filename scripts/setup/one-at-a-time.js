import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../root.js';
import { Stop, stopIfAborted } from './script.js';

/** @typedef {import('./script.js').Work} Work */

/** What fits the path of a socket on every platform: sun_path of unix(4) is 104 bytes on macOS. */
const LONGEST_PATH = 100;

/** Outside the checkout, whose own path may be longer than that. */
function socketPath() {
  const folder = createHash('sha256').update(ROOT).digest('hex').slice(0, 12);
  const name = `gclab-setup-${process.getuid?.() ?? 0}-${folder}`;
  const path = join(tmpdir(), name);
  return Buffer.byteLength(path) <= LONGEST_PATH ? path : join('/tmp', name);
}

/**
 * Does the work while no other process of this user does it in this checkout. The lock is a socket that its holder
 * listens on: it goes away with the holder, however that ends.
 * @template T @param {Work} work @param {() => Promise<T>} inside @returns {Promise<T>}
 */
export async function oneAtATime(work, inside) {
  const release = await take(socketPath(), work);
  try {
    return await inside();
  } finally {
    release();
  }
}

/** @param {string} path @param {Work} work @returns {Promise<() => void>} what lets go of the lock */
async function take(path, work) {
  for (let isFirst = true; ; isFirst = false) {
    stopIfAborted(work);
    const release = await listen(path);
    if (release !== undefined) return release;
    const wasHeld = await holderEnds(path, work.signal, () => {
      if (isFirst) process.stderr.write('setup: another one is under way in this folder: waiting for it\n');
    });
    if (!wasHeld) await removeLeft(path, work.signal);
  }
}

/** Removing takes a moment; who was killed in it holds up the others no longer than this. */
const REMOVAL_MS = 5_000;
const PAUSE_MS = 20;

/**
 * Removes the socket of a holder that was killed. One at a time, and only after another look: that of the next holder has the same name,
 * and may be there since. While one is left, no other takes its place.
 * @param {string} path @param {AbortSignal} signal
 */
async function removeLeft(path, signal) {
  const removal = `${path}.removal`;
  try {
    mkdirSync(removal);
  } catch {
    await sleep(PAUSE_MS);
    const since = statSync(removal, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - since > REMOVAL_MS) rmSync(removal, { recursive: true, force: true });
    return;
  }
  try {
    await sleep(PAUSE_MS);
    if (!(await holderEnds(path, signal, () => {}))) rmSync(path, { force: true });
  } finally {
    rmSync(removal, { recursive: true, force: true });
  }
}

/** Undefined where another process listens. @param {string} path @returns {Promise<(() => void) | undefined>} */
function listen(path) {
  return new Promise((resolve, reject) => {
    /** @type {Set<import('node:net').Socket>} */
    const waiting = new Set();
    const server = createServer((socket) => {
      waiting.add(socket);
      socket.on('error', () => {}).on('close', () => waiting.delete(socket));
    });
    const release = () => {
      server.close();
      for (const socket of waiting) socket.destroy();
    };
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) =>
      error.code === 'EADDRINUSE'
        ? resolve(undefined)
        : reject(
            new Stop(
              `no file can be made in ${tmpdir()} (${error.code}); set TMPDIR to a folder of your own`,
            ),
          ),
    );
    server.listen(path, () => resolve(release));
  });
}

/** Resolves when the holder has ended: false where there was none. @param {string} path @param {AbortSignal} signal @param {() => void} onWait */
async function holderEnds(path, signal, onWait) {
  const socket = connect(path);
  try {
    await once(socket, 'connect', { signal });
    onWait();
    await once(socket.resume(), 'close', { signal });
    return true;
  } catch (error) {
    return signal.aborted || /** @type {NodeJS.ErrnoException} */ (error).code !== 'ECONNREFUSED';
  } finally {
    socket.destroy();
  }
}
