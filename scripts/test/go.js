import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../root.js';
import { one, trusted } from './count.js';
import { shown } from './shown.js';

/** @typedef {import('./count.js').Count} Count */

const SOURCE = join(ROOT, 'provision', 'experiment');

/** gofmt prints the names of files it would change, and exits 0. @returns {Count} */
export function gofmt() {
  const { status, stdout, stderr } = spawnSync('gofmt', ['-l', '.'], { cwd: SOURCE, encoding: 'utf8' });
  process.stdout.write(`${stdout ?? ''}${stderr ?? ''}`);
  return one(status === 0 && stdout === '');
}

/** For Linux, wherever this runs: that is what the program is for. @returns {Promise<Count>} */
export async function goVet() {
  return one(await shown(['go', 'vet', './...'], { cwd: SOURCE, env: { GOOS: 'linux' } }));
}

/** Shows what the tests printed only where one failed. @param {readonly string[]} extra @returns {Promise<Count>} */
export async function goTest(extra) {
  const child = spawn('go', ['test', '-json', '-count=1', ...extra, './...'], {
    cwd: SOURCE,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  /** @type {string[]} */
  const words = [];
  const count = { passed: 0, failed: 0 };
  createInterface(child.stdout).on('line', (line) => {
    const { Action, Test, Output } = parse(line);
    words.push(Output ?? '');
    if (Test === undefined) return;
    if (Action === 'pass') count.passed++;
    // A test that skips itself has not shown what it is for.
    if (Action === 'fail' || Action === 'skip') count.failed++;
  });
  createInterface(child.stderr).on('line', (line) => words.push(`${line}\n`));
  const ok = await new Promise((resolve) => {
    child.once('error', (error) => {
      words.push(`${error.message}\n`);
      resolve(false);
    });
    child.once('close', (code) => resolve(code === 0));
  });
  if (!ok || count.failed > 0) process.stdout.write(words.join(''));
  return trusted(ok, count);
}

/** Lines of the compiler are no JSON. @param {string} line @returns {{ Action?: string, Test?: string, Output?: string }} */
function parse(line) {
  return line.startsWith('{') ? JSON.parse(line) : { Output: `${line}\n` };
}
