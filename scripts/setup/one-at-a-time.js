import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
    // Its holder was killed and left the file.
    if (!wasHeld) rmSync(path, { force: true });
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
