import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Beside the machine's own Node, the tests run on this one; npm's package `node` carries the binary. */
const CURRENT = '26.10.0';

/** Installs a current Node below `cache`, once, and gives the path of its program. @param {string} cache */
export async function currentNode(cache) {
  const folder = join(cache, `node-${CURRENT}`);
  const program = join(folder, 'node_modules', 'node', 'bin', 'node');
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  process.stderr.write(`setup: installing Node ${CURRENT} for the tests (npm package node)\n`);
  const argv = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', `node@${CURRENT}`];
  const ended = spawnSync('npm', argv, { stdio: ['ignore', 2, 2] });
  if (ended.status !== 0 || !existsSync(program)) throw new Error(`Node ${CURRENT} could not be installed`);
  return program;
}
