import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from '../root.js';
import { stopIfAborted } from './script.js';

const FILE = join(ROOT, '.cache', 'setup.log');

/** Where everything lies that the tools of a set-up said, for people. */
export const LOG = `log: ${relative(process.cwd(), FILE)}`;

/**
 * How a tool ended, and what it said on both streams.
 * @typedef {{ ok: boolean, said: string }} Ended
 */

/**
 * Runs a tool to its end without showing what it says: that is appended to the log. Resolves also for a tool that fails
 * or is missing.
 * @param {readonly string[]} argv
 * @param {import('./script.js').Work} work
 * @param {{ cwd?: string, env?: Record<string, string>, onLine?: (line: string) => boolean }} [options] `onLine` gets
 *   each line of stdout; where it returns true, the line was for it alone
 * @returns {Promise<Ended>}
 */
export async function logged([program = '', ...args], work, { cwd = ROOT, env = {}, onLine } = {}) {
  stopIfAborted(work);
  mkdirSync(dirname(FILE), { recursive: true });
  const log = openSync(FILE, 'a');
  let said = '';
  /** @param {string} line */
  const keep = (line) => {
    said += `${line}\n`;
    writeSync(log, `${line}\n`);
  };
  writeSync(log, `$ ${[program, ...args].join(' ')}\n`);
  const child = spawn(program, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  // A Ctrl-C has reached the tool as well; a signal to this process alone has not.
  const onAbort = () => child.kill('SIGINT');
  work.signal.addEventListener('abort', onAbort);
  createInterface(child.stdout).on('line', (line) => onLine?.(line) || keep(line));
  createInterface(child.stderr).on('line', keep);
  const code = await new Promise((resolve) => {
    child.once('error', (error) => resolve(keep(error.message)));
    child.once('close', resolve);
  });
  work.signal.removeEventListener('abort', onAbort);
  closeSync(log);
  stopIfAborted(work);
  return { ok: code === 0, said };
}
