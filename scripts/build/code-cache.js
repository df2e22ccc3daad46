/**
 * `node scripts/build/code-cache.js FOLDER`: has the bundle in there do what short commands do, and a run up to a host that refuses the
 * connection, and keeps what V8 compiled for that.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import load from '../../bin/load.js';
import { ROOT } from '../root.js';

const [, , folder = ''] = process.argv;
// Else functions that were not called for a while are forgotten.
setFlagsFromString('--no-flush-bytecode');
const bundle = load.bundleLoader(folder);
const { COMMANDS } = bundle.load('commands.cjs');
const { run } = bundle.load('run.cjs');
const work = mkdtempSync(join(tmpdir(), 'gclab-code-cache-'));
const host = ['--host', '127.0.0.1:1'];
const lines = [
  ['--help'],
  ['remote', 'run', '--help'],
  ['scenario', 'list'],
  ['remote', 'check', ...host],
  ['remote', 'run', ...host, '--json', '--out', work],
];
for (const line of lines) await run(ROOT, folder, COMMANDS, line);
setFlagsFromString('--flush-bytecode');
const cache = load.codeCacheFolder(folder);
mkdirSync(cache);
for (const [name, script] of bundle.scripts) writeFileSync(join(cache, name), script.createCachedData());
rmSync(work, { recursive: true, force: true });
process.exit(0);
