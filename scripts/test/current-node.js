import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LOG, logged } from '../setup/logged.js';
import { whyNpmFailed } from '../setup/npm.js';
import { Stop } from '../setup/script.js';
import { StatusLine } from '../setup/status-line.js';

/** Beside the machine's own Node, the tests run on this one. */
const CURRENT = '26.10.0';

/** The package that npm's `node` would install with a script; this one is only unpacked. */
const PREFIX = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
const PACKAGE = `${PREFIX}-${process.platform}-${process.arch}`;

/**
 * Installs a current Node below `cache`, once, and gives the path of its program. It gets its name only when it is whole.
 * @param {string} cache @param {import('../setup/script.js').Work} work
 */
export async function currentNode(cache, work) {
  const folder = join(cache, `node-${CURRENT}`);
  const program = join(folder, 'node_modules', PACKAGE, 'bin', 'node');
  if (existsSync(program)) return program;
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const line = new StatusLine(process.stderr, `test: installing Node ${CURRENT} (npm package ${PACKAGE})`);
  try {
    const options = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const argv = ['npm', 'install', '--prefix', fresh, ...options, `${PACKAGE}@${CURRENT}`];
    const { ok, said } = await logged(argv, work);
    if (!ok) throw new Stop(`Node ${CURRENT} could not be installed: ${whyNpmFailed(said)}; ${LOG}`);
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
    line.end(`test: installed Node ${CURRENT}`);
  } finally {
    line.end();
  }
  return program;
}
