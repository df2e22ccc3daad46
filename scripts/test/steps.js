import { homedir } from 'node:os';
import { join } from 'node:path';
import { one } from './count.js';
import { currentNode } from './current-node.js';
import { gofmt, goTest, goVet } from './go.js';
import { testsNotRun } from './linux-only.js';
import { shown } from './shown.js';
import { vitest } from './vitest.js';

/** Kept between runs and checkouts: images, toolchains, a current Node. */
export function cacheFolder() {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'gclab-test');
}

/**
 * `needsRoot`: for cgroups, mounts and servers' logins. `needsBuild`: it runs what is in `dist`. `linux`: why it can run
 * on Linux alone.
 * @typedef {{
 *   name: string,
 *   about: string,
 *   run: (work: import('../setup/script.js').Work) => import('./count.js').Count | Promise<import('./count.js').Count>,
 *   needsRoot?: boolean,
 *   needsBuild?: boolean,
 *   linux?: string,
 * }} Step
 */

const BUILD = 'build';
const WITHOUT_VMS = ['--exclude', 'test/vm/**'];

/** Everything that has to hold, in this order. @type {readonly Step[]} */
export const STEPS = [
  {
    name: BUILD,
    about: 'the CLI as one bundle, and gcexp for two architectures',
    run: async () => one(await shown([process.execPath, 'scripts/setup.js', 'build'])),
  },
  {
    name: 'lint',
    about: 'Biome, types, nothing unused',
    run: async () => one(await shown(['npm', 'run', '--silent', 'lint'])),
  },
  { name: 'gofmt', about: "Go's format", run: gofmt },
  { name: 'go vet', about: 'what Go finds suspicious', run: goVet },
  {
    name: 'go test',
    about: 'tests of gcexp, in real cgroups',
    run: () => goTest([]),
    needsRoot: true,
    linux: 'gcexp makes cgroups',
  },
  {
    name: 'go test -race',
    about: 'the same, looking for data races',
    run: () => goTest(['-race']),
    needsRoot: true,
    linux: 'gcexp makes cgroups',
  },
  {
    name: 'oldest and newest Go',
    about: 'gcexp built with both, and one trial with each',
    run: async () => one(await shown(['sh', 'scripts/test/toolchains.sh', join(cacheFolder(), 'go')])),
    needsRoot: true,
    linux: 'apt fetches the toolchains, and gcexp makes cgroups',
  },
  {
    name: `vitest on Node ${process.versions.node}`,
    about: "everything but VMs, on this machine's Node",
    run: () => vitest(process.execPath, [...WITHOUT_VMS, ...leftOut()], environment()),
    needsRoot: true,
    needsBuild: true,
  },
  {
    name: 'vitest on a current Node',
    about: 'the same, on the newest Node',
    run: async (work) =>
      vitest(await currentNode(cacheFolder(), work), [...WITHOUT_VMS, ...leftOut()], environment()),
    needsRoot: true,
    needsBuild: true,
  },
  {
    name: 'vitest with real VMs',
    about: 'the demo; old and new kernels that are prepared, rebooted and put back',
    run: () => vitest(process.execPath, ['test/vm', ...leftOut()], environment()),
    needsRoot: true,
    needsBuild: true,
  },
];

/** Where the tests keep images of VMs. */
function environment() {
  return { GCLAB_TEST_HOME: join(cacheFolder(), 'vms') };
}

/** vitest's options that leave out what this platform cannot run. */
function leftOut() {
  return [...testsNotRun(process.platform).keys()].flatMap((file) => ['--exclude', file]);
}

/**
 * The steps to run on a platform, and those that it cannot run. Without names all of them; else those with one of the
 * names in theirs, and the build where they need it.
 * @param {readonly string[]} names @param {string} platform
 * @returns {{ steps: readonly Step[], notRun: readonly Step[] }}
 */
export function choose(names, platform) {
  const named = STEPS.filter((step) => names.length === 0 || names.some((name) => isCalled(step, name)));
  const canRun = (/** @type {Step} */ { linux }) => platform === 'linux' || linux === undefined;
  const needsBuild = named.some((step) => canRun(step) && step.needsBuild);
  const steps = STEPS.filter(
    (step) => (named.includes(step) && canRun(step)) || (needsBuild && step.name === BUILD),
  );
  return { steps, notRun: named.filter((step) => !canRun(step)) };
}

/** @param {Step} step @param {string} name or a part of it */
export function isCalled(step, name) {
  return step.name.toLowerCase().includes(name.toLowerCase());
}
