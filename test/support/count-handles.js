/**
 * Runs the built CLI in this process, with the arguments given, and writes to the file `GCLAB_TEST_ENDING` how it ended: `timers` are
 * those that were pending once the command was done, `open` what still held the process a while later, when it should have ended by itself.
 */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setImmediate as nextRound } from 'node:timers/promises';

/** What is closing when a command is done (a connection, a child) is gone by then, on a slow machine too. */
const GRACE_MS = 20_000;

/** @param {import('./ending.js').Ending} ending */
function write(ending) {
  writeFileSync(process.env['GCLAB_TEST_ENDING'] ?? '', JSON.stringify(ending));
}

const { exit } = process;
process.exit = (code) => {
  write({ how: 'process.exit', timers: 0, open: [] });
  return exit(code);
};

const root = join(import.meta.dirname, '..', '..');
const bundle = join(root, 'dist', 'cli');
const { run, COMMANDS } = createRequire(import.meta.url)(join(bundle, 'gclab.cjs'));
await run(root, bundle, COMMANDS, process.argv.slice(2));
await nextRound();
const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
process.once('beforeExit', () => write({ how: 'by itself', timers, open: [] }));
setTimeout(() => {
  write({ how: 'stayed', timers, open: process.getActiveResourcesInfo() });
  process.kill(process.pid, 'SIGKILL');
}, GRACE_MS).unref();
