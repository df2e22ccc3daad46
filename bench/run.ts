/** `npm run bench`: whole commands side by side, alternating, medians. Nothing is asserted; the figures are for reading. */
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { alternate, report } from './measure.js';

const ROUNDS = 21;

await startUp();
await supervision();

async function startUp(): Promise<void> {
  const cwd = tmpdir();
  const gclab = [process.execPath, resolve('bin', 'run.js')];
  const measured = await alternate(
    [
      { name: 'gclab --help', argv: [...gclab, '--help'], cwd },
      { name: 'node -e 0', argv: [process.execPath, '-e', '0'], cwd },
      { name: 'gclab remote run --help', argv: [...gclab, 'remote', 'run', '--help'], cwd },
      { name: 'gclab scenario list', argv: [...gclab, 'scenario', 'list'], cwd },
    ],
    ROUNDS,
  );
  report('Start-up: the first beside the second', measured, { wall: '≤ 1.6' });
}

/** What supervising a trial costs over the bare child, as gcexp itself measures it in turn. */
async function supervision(): Promise<void> {
  const gcexp = resolve('dist', `gcexp-linux-${process.arch === 'x64' ? 'amd64' : process.arch}`);
  const { stdout } = await promisify(execFile)(gcexp, ['bench']);
  process.stdout.write(`\nA trial, supervised against bare (goal ≤ 1.3)\n  ${stdout.trim()}\n`);
}
