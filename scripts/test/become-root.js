import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../root.js';
import { Stop } from '../setup/script.js';
import { isThere } from '../setup/this-machine.js';
import { cacheFolder } from './steps.js';

/** What the tests may look at; sudo passes nothing on. */
const KEPT = ['PATH', 'HOME', 'TERM', 'TMPDIR', 'CI', 'XDG_CACHE_HOME', 'GCLAB_HOME'];

/**
 * Runs this script again through sudo where it is not root, and takes on its exit code.
 * @param {import('../setup/script.js').Work} work
 * @returns {Promise<boolean>} whether there is nothing left to do
 */
export async function becomeRoot({ again }) {
  if (process.getuid?.() === 0 || process.platform !== 'linux') return false;
  if (!isThere('sudo'))
    throw new Stop(
      `tests make cgroups and start servers, and there is no sudo here: as root, type: ${again}`,
    );
  if (spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status !== 0) await ask(again);
  const keep = KEPT.flatMap((name) =>
    process.env[name] === undefined ? [] : [`${name}=${process.env[name]}`],
  );
  // Go asks git about the checkout, which would write its index anew, as root.
  const argv = [
    'env',
    ...keep,
    ...cachesOf(cacheFolder()),
    'GIT_OPTIONAL_LOCKS=0',
    process.execPath,
    ...process.argv.slice(1),
  ];
  const child = spawn('sudo', argv, { stdio: 'inherit' });
  const code = await new Promise((resolve) => child.once('close', resolve));
  giveBack();
  process.exitCode = typeof code === 'number' ? code : 1;
  return true;
}

/** @param {string} again */
async function ask(again) {
  const why = 'tests make cgroups and start servers, which takes root';
  if (process.stdin.isTTY !== true)
    throw new Stop(`${why}, and sudo wants a password: in a terminal, type: ${again}`);
  process.stderr.write(`test: ${why}: sudo asks for your password\n`);
  if (spawnSync('sudo', ['-v'], { stdio: 'inherit' }).status !== 0)
    throw new Stop(`${why}, and sudo refused: as root, type: ${again}`);
}

/** Of tools that keep theirs below HOME, where root would leave files that its owner cannot change. @param {string} folder */
function cachesOf(folder) {
  return [`GOCACHE=${join(folder, 'go-build')}`, `npm_config_cache=${join(folder, 'npm')}`];
}

/** What root wrote is its owner's again. */
function giveBack() {
  const written = [cacheFolder(), ...['.cache', 'dist', 'node_modules'].map((name) => join(ROOT, name))];
  const owner = `${process.getuid?.()}:${process.getgid?.()}`;
  spawnSync('sudo', ['-n', 'chown', '-R', '-h', owner, ...written.filter((folder) => existsSync(folder))], {
    stdio: 'inherit',
  });
}
