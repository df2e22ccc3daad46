/**
 * `node scripts/build/code-cache.js FOLDER BUNDLE`: has that bundle in there do what it is there for, and keeps what V8 compiled for it. The guest of a run is one that this process plays.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import load from '../../bin/load.js';
import { ROOT } from '../root.js';
import { startPlayedGuest } from './training/guest.js';

const [, , folder = '', name = ''] = process.argv;
// Else functions that were not called for a while are forgotten.
setFlagsFromString('--no-flush-bytecode');
const { exports, script } = load.loadBundle(folder, name);
const work = mkdtempSync(join(tmpdir(), 'gclab-code-cache-'));
const guest = await startPlayedGuest();
const run = ['remote', 'run', ...guest.flags, '--out', work];
const lines = {
  [load.OVERVIEW]: [['--help']],
  [load.ALL]: [
    ['remote', 'run', '--help'],
    ['remote', 'check', ...guest.flags],
    run,
    [...run, '--json', '--scenario', join(ROOT, 'provision', 'scenarios', 'spike.yaml')],
  ],
};
for (const line of lines[name] ?? []) await exports.run(ROOT, folder, exports.COMMANDS, line);
setFlagsFromString('--flush-bytecode');
const file = load.codeCacheFile(folder, name);
mkdirSync(dirname(file), { recursive: true });
// Whoever runs gclab meanwhile finds a whole one or none.
writeFileSync(`${file}.new`, script.createCachedData());
renameSync(`${file}.new`, file);
guest.stop();
rmSync(work, { recursive: true, force: true });
process.exit(0);
