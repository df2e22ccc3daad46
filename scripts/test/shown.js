import { spawn } from 'node:child_process';
import { ROOT } from '../root.js';

/**
 * Runs a tool whose words are shown as they come; resolves to whether it ended with 0. A Ctrl-C reaches it by itself.
 * @param {readonly string[]} argv @param {{ cwd?: string, env?: Record<string, string> }} [options]
 * @returns {Promise<boolean>}
 */
export function shown([program = '', ...args], { cwd = ROOT, env = {} } = {}) {
  const child = spawn(program, args, {
    cwd,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  return new Promise((resolve) => {
    child.once('error', (error) => {
      process.stderr.write(`${error.message}\n`);
      resolve(false);
    });
    child.once('close', (code) => resolve(code === 0));
  });
}
