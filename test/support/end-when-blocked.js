/**
 * A thread that ends its process when the main thread has been blocked for too long: vitest's own deadlines run on that
 * thread, so that a synchronous call which never returns (opening a named pipe that nobody reads) would hold the whole
 * suite for ever. vitest then reports the file as failed.
 */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';

/** Longer than any synchronous call that a test needs on a slow machine. */
const LIMIT_MS = 180_000;
const CHECK_MS = 1_000;

/** @type {{ ticks: Int32Array, file: string }} */
const { ticks, file } = workerData;
let seen = -1;
let sinceMs = performance.now();

setInterval(() => {
  const now = Atomics.load(ticks, 0);
  if (now !== seen) {
    seen = now;
    sinceMs = performance.now();
    return;
  }
  if (performance.now() - sinceMs < LIMIT_MS) return;
  writeSync(2, `${file}: its main thread has been blocked for ${LIMIT_MS / 1_000} s: the process is ended\n`);
  process.kill(process.pid, 'SIGKILL');
}, CHECK_MS);
