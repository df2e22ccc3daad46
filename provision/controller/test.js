/**
 * `npm test`: everything that has to hold, one step after another, all of them even when one fails. Ends with a line
 * that counts the tests of all runners.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { currentNode } from './current-node.js';
import { ROOT } from './root.js';

/** Kept between runs and checkouts: images, toolchains, a current Node. */
const CACHE = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'gclab-test');
const EXPERIMENT = join(ROOT, 'provision', 'experiment');
const REPORTS = join(ROOT, '.cache', 'reports');

/** @typedef {{ passed: number, failed: number }} Count */

/** @param {readonly string[]} argv @param {{ cwd?: string, env?: Record<string, string> }} [options] */
function succeeds([program = '', ...args], { cwd = ROOT, env = {} } = {}) {
  const ended = spawnSync(program, args, {
    cwd,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  return ended.status === 0;
}

/** A step without tests of its own counts as one. @param {readonly string[]} argv @returns {Count} */
function check(argv) {
  return succeeds(argv) ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** @param {string} node the program to run it with @param {string} name @param {readonly string[]} which @returns {Count} */
function vitest(node, name, which) {
  const report = join(REPORTS, `${name}.json`);
  rmSync(report, { force: true });
  const entry = join('node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const ok = succeeds([node, entry, 'run', ...which, ...reporters], {
    env: { GCLAB_TEST_HOME: join(CACHE, 'vms') },
  });
  const { numPassedTests, numFailedTests, numTotalTests } = JSON.parse(readFileSync(report, 'utf8'));
  const unrun = numTotalTests - numPassedTests - numFailedTests;
  if (unrun > 0) process.stderr.write(`test: ${unrun} tests were not run, which counts as failed\n`);
  const failed = numFailedTests + unrun;
  return { passed: numPassedTests, failed: ok ? failed : Math.max(1, failed) };
}

/** @param {readonly string[]} extra @returns {Count} */
function goTest(extra) {
  const argv = ['test', '-json', '-count=1', ...extra, './...'];
  const ended = spawnSync('go', argv, { cwd: EXPERIMENT, encoding: 'utf8', maxBuffer: 2 ** 28 });
  const events = ended.stdout.split('\n').flatMap(parseLine);
  const of = (/** @type {string} */ action) =>
    events.filter((one) => one.Action === action && one.Test !== undefined);
  const failed = of('fail').length + of('skip').length;
  if (ended.status !== 0 || failed > 0) {
    process.stdout.write(events.map((one) => one.Output ?? '').join('') + ended.stderr);
  }
  return { passed: of('pass').length, failed: ended.status === 0 ? failed : Math.max(1, failed) };
}

/** @param {string} line @returns {{ Action?: string, Test?: string, Output?: string }[]} */
function parseLine(line) {
  return line.startsWith('{') ? [JSON.parse(line)] : [];
}

/** gofmt prints the names of files it would change, and exits 0. @returns {Count} */
function gofmt() {
  const ended = spawnSync('gofmt', ['-l', '.'], { cwd: EXPERIMENT, encoding: 'utf8' });
  process.stdout.write(ended.stdout);
  return ended.status === 0 && ended.stdout === '' ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

const WITHOUT_VMS = ['--exclude', 'test/vm/**'];

/** @type {readonly (readonly [string, () => Count | Promise<Count>])[]} */
const STEPS = [
  ['build', () => check(['node', 'provision/controller/build.js'])],
  ['lint', () => check(['npm', 'run', '--silent', 'lint'])],
  ['gofmt', gofmt],
  [
    'go vet',
    () =>
      succeeds(['go', 'vet', './...'], { cwd: EXPERIMENT })
        ? { passed: 1, failed: 0 }
        : { passed: 0, failed: 1 },
  ],
  ['go test', () => goTest([])],
  ['go test -race', () => goTest(['-race'])],
  ['oldest and newest Go', () => check(['sh', 'provision/experiment/toolchains.sh', join(CACHE, 'go')])],
  [`vitest on Node ${process.versions.node}`, () => vitest(process.execPath, 'vitest', WITHOUT_VMS)],
  ['vitest on a current Node', async () => vitest(await currentNode(CACHE), 'vitest-current', WITHOUT_VMS)],
  ['vitest with real VMs', () => vitest(process.execPath, 'vitest-vm', ['test/vm'])],
];

/** Cgroups, mounts and servers' logins need root: as anyone else, this runs itself again through sudo. */
function becomeRoot() {
  if (process.getuid?.() === 0 || process.platform !== 'linux') return;
  const keep = ['PATH', 'HOME', 'CI', 'GCLAB_HOME'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [`${name}=${value}`];
  });
  // Go asks git about the checkout, which would write its index anew, as root.
  const argv = ['env', ...keep, 'GIT_OPTIONAL_LOCKS=0', process.execPath, ...process.argv.slice(1)];
  const ended = spawnSync('sudo', argv, { stdio: 'inherit' });
  // What root wrote is its owner's again.
  const written = [CACHE, join(ROOT, '.cache'), join(ROOT, 'dist')].filter((folder) => existsSync(folder));
  spawnSync('sudo', ['chown', '-R', `${process.getuid?.()}`, ...written], { stdio: 'inherit' });
  process.exit(ended.status ?? 1);
}

becomeRoot();
const only = process.argv[2];
mkdirSync(REPORTS, { recursive: true });
const total = { passed: 0, failed: 0 };
for (const [name, run] of STEPS) {
  if (only !== undefined && !name.includes(only)) continue;
  process.stdout.write(`\n── ${name}\n`);
  const startedAt = performance.now();
  const { passed, failed } = await run();
  total.passed += passed;
  total.failed += failed;
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  process.stdout.write(`── ${name}: ${passed} passed, ${failed} failed in ${seconds} s\n`);
}
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
