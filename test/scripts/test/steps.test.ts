import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { LINUX_ONLY, testsNotRun } from '../../../scripts/test/linux-only.js';
import { choose, STEPS } from '../../../scripts/test/steps.js';
import { makeCheckout, PLAY_DARWIN } from '../../support/checkout.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const namesOf = (chosen: readonly { readonly name: string }[]) => chosen.map(({ name }) => name);

test('without a name every step is run', () => {
  expect(choose([], 'linux')).toEqual({ steps: STEPS, notRun: [] });
});

test('a name chooses the steps that contain it, however it is written', () => {
  expect(namesOf(choose(['Go Test'], 'linux').steps)).toEqual(['go test', 'go test -race']);
  expect(namesOf(choose(['gofmt', 'lint'], 'linux').steps)).toEqual(['lint', 'gofmt']);
});

test('what runs dist is built first', () => {
  expect(namesOf(choose(['real VMs'], 'linux').steps)).toEqual(['build', 'vitest with real VMs']);
});

test('what needs Linux is named on a Mac as not run', () => {
  const { steps, notRun } = choose([], 'darwin');
  expect(namesOf(notRun)).toEqual(['go test', 'go test -race', 'oldest and newest Go']);
  expect(new Set([...namesOf(steps), ...namesOf(notRun)])).toEqual(new Set(namesOf(STEPS)));
});

test('of the test files a Mac leaves out those that need Linux, by what they import', () => {
  const notRun = testsNotRun('darwin');
  expect(notRun.get('test/docs.test.ts')).toMatch(/OpenSSH server/);
  expect(notRun.get('test/vm/prepare.test.ts')).toMatch(/Debian packages/);
  expect(notRun.has('test/vm/demo.test.ts')).toBe(false);
  expect(notRun.has('test/units.test.ts')).toBe(false);
  expect(testsNotRun('linux').size).toBe(0);
});

test('everything that is said to need Linux is there', () => {
  expect(Object.keys(LINUX_ONLY).filter((name) => !existsSync(join(ROOT, 'test', name)))).toEqual([]);
});

const HELP = /^npm test .*\n.*\n {2}lint +\S.*\n {2}vitest with real VMs +\S/s;

test.each(['--help', '-h'])('%s names the steps, and installs nothing', async (flag) => {
  const { exitCode, stdout, stderr } = await makeCheckout().node(['scripts/test.js', flag]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toMatch(HELP);
});

test('an unknown name is wrong usage, and says which there are before it installs anything', async () => {
  const { exitCode, stdout, stderr } = await makeCheckout().node(['scripts/test.js', 'gofmt', 'nonsense']);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toBe(`test: there is no step "nonsense": there are ${namesOf(STEPS).join(', ')}\n`);
});

/** A Mac on which everything is installed, and gofmt does this. */
function mac(gofmt: string) {
  const checkout = makeCheckout();
  for (const name of ['go', 'ssh', 'limactl', 'npm']) checkout.addProgram(name);
  checkout.addProgram('gofmt', gofmt);
  const env = { NODE_OPTIONS: `--require "${PLAY_DARWIN}"` };
  return { test: (...names: string[]) => checkout.node(['scripts/test.js', ...names], { env }) };
}

test('a step says how long it took, and the last line counts', async () => {
  const { exitCode, stdout } = await mac('').test('gofmt');
  expect(stdout).toMatch(/^\n── gofmt\n── gofmt: 1 passed, 0 failed in \d+\.\d s\n\n1 passed, 0 failed\n$/);
  expect(exitCode).toBe(0);
});

test('a step that fails shows why, and fails the whole', async () => {
  const { exitCode, stdout } = await mac('echo main.go').test('gofmt');
  expect(stdout).toMatch(/\n── gofmt\nmain\.go\n── gofmt: 0 passed, 1 failed/);
  expect(stdout).toMatch(/\n0 passed, 1 failed\n$/);
  expect(exitCode).toBe(1);
});

test('what this platform cannot run is counted and named before the last line', async () => {
  const { exitCode, stdout } = await mac('').test('gofmt', 'go test');
  expect(stdout).toMatch(
    /\nnot run on macOS: 2 steps, 0 test files\n {2}go test: .*cgroups\n {2}go test -race: .*cgroups\n\n1 passed, 0 failed\n$/,
  );
  expect(exitCode).toBe(0);
});

test('a platform that can run none of what was named has shown nothing', async () => {
  const { exitCode, stdout } = await mac('').test('oldest');
  expect(stdout).toMatch(/^\nnot run on macOS: 1 step, .*\n.*\n\n0 passed, 0 failed\n$/);
  expect(exitCode).toBe(1);
});
