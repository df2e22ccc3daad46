import { Worker } from 'node:worker_threads';
import { expect } from 'vitest';

// For every file of tests, before its own code: see end-when-blocked.js.
const ticks = new Int32Array(new SharedArrayBuffer(4));
setInterval(() => Atomics.add(ticks, 0, 1), 500).unref();
const file = expect.getState().testPath ?? 'a file of tests';
new Worker(new URL('./end-when-blocked.js', import.meta.url), { workerData: { ticks, file } }).unref();
