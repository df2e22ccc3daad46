/**
 * Installs what a script lacks, and nothing twice: `node provision/controller/setup.js demo|test|build|bench`.
 * Runs on a machine that has only Node and npm, so it imports nothing but Node itself.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { NEEDS_OF } from './packages.js';
import { ROOT } from './root.js';

/** Debian keeps sshd and friends where an ordinary user's PATH does not look. */
const SEARCH_PATH = [
  ...(process.env['PATH'] ?? '').split(delimiter),
  '/usr/local/sbin',
  '/usr/sbin',
  '/sbin',
];

/** @param {string} program */
function isThere(program) {
  if (program.startsWith('/')) return existsSync(program);
  return SEARCH_PATH.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

/** @param {string} text @returns {never} */
function giveUp(text) {
  say(text);
  process.exit(3);
}

/** @param {readonly string[]} argv @param {Record<string, string>} [extraEnv] */
function succeeds(argv, extraEnv = {}) {
  const [program = '', ...rest] = argv;
  const ended = spawnSync(program, rest, {
    cwd: ROOT,
    stdio: ['inherit', 2, 2],
    env: { ...process.env, ...extraEnv },
  });
  return ended.status === 0;
}

/** The words in front of a command that has to be root, or undefined where nobody may be. */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  if (!isThere('sudo')) return undefined;
  const canAsk = process.stdin.isTTY === true;
  if (spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0) return ['sudo', '-n'];
  return canAsk ? ['sudo'] : undefined;
}

/** @param {readonly import('./packages.js').Need[]} missing */
function installDebianPackages(missing) {
  const names = missing.map((need) => need.debian);
  const command = ['apt-get', 'install', '-y', '--no-install-recommends', ...names];
  const prefix = rootPrefix();
  if (prefix === undefined) giveUp(`missing: ${names.join(', ')}; install with: sudo ${command.join(' ')}`);
  say(`installing Debian packages: ${names.join(', ')}`);
  const quiet = { DEBIAN_FRONTEND: 'noninteractive' };
  const installed =
    succeeds([...prefix, 'apt-get', 'update', '-q'], quiet) && succeeds([...prefix, ...command], quiet);
  if (!installed) giveUp(`apt-get failed (its words are above); try: sudo ${command.join(' ')}`);
}

/** @param {readonly import('./packages.js').Need[]} needs */
function ensureSystemPackages(needs) {
  const missing = needs.filter((need) => !isThere(need.probe));
  if (missing.length === 0) return;
  if (isThere('apt-get')) return installDebianPackages(missing);
  const brewable = missing.flatMap((need) => (need.brew === null ? [] : [need.brew]));
  const how = process.platform === 'darwin' ? `brew install ${brewable.join(' ')}` : "your system's packages";
  giveUp(`missing: ${missing.map((need) => need.probe).join(', ')}; install with: ${how}`);
}

function ensureNpmPackages() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  const stamp = join(ROOT, 'node_modules', '.gclab-lock');
  if (readIfThere(stamp) === wanted) return;
  say('installing npm packages');
  // `npm ci` refuses a lock file without the optional binaries of other platforms; this takes the locked versions too.
  const install = ['npm', 'install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  if (!succeeds(install)) giveUp('npm install failed (its words are above)');
  mkdirSync(join(ROOT, 'node_modules'), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** @param {string} file */
function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

const purpose = process.argv[2] ?? 'build';
const needs = NEEDS_OF[purpose] ?? giveUp(`no such purpose: ${purpose}`);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19))
  giveUp(`Node ${process.versions.node} is too old: 20.19 or newer`);
ensureSystemPackages(needs);
ensureNpmPackages();
