import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { ROOT } from '../root.js';

/**
 * Files and folders below `test` that need Linux, each with what for. What a test imports counts as the test's own need.
 * @type {Readonly<Record<string, string>>}
 */
export const LINUX_ONLY = {
  'support/ssh/sshd.ts': 'an OpenSSH server is started as root, with users of its own',
  'support/ssh/accounts.ts': 'an OpenSSH server is started as root, with users of its own',
  'support/cgroups.ts': 'cgroups are made on this machine',
  'support/processes.ts': 'processes are looked up in /proc',
  'support/terminal/terminal.ts': 'gclab runs in a terminal against this machine as a guest',
  'kernel/sandbox.ts': "a guest's scripts run here, with Linux's tools",
  'kernel/facts/': "a guest's scripts run here, with Linux's tools",
  'kernel/grub/default-grub.test.ts': "a guest's scripts run here, with Linux's tools",
  'kernel/grub/drop-in.test.ts': "a guest's scripts run here, with Linux's tools",
  'provider/controller/command.test.ts': 'processes are looked up in /proc',
  'provider/images/no-room.test.ts': 'a small disk is mounted',
  'provider/vm/making.test.ts': 'something is mounted',
  'provider/qemu/process/': 'processes are looked up in /proc',
  'results/run-folder.test.ts': 'processes are looked up in /proc',
  'scripts/setup/apt.test.ts': 'it is about apt',
  'scripts/setup/home.test.ts': 'scripts run as another user, which takes root',
  'vm/modern.test.ts': 'images are built from Debian packages',
  'vm/prepare.test.ts': 'images are built from Debian packages',
  'vm/qemu.test.ts': 'images are built from Debian packages',
};

/** @returns {string[]} relative to the checkout */
function testFiles() {
  return readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => join('test', file))
    .sort();
}

/**
 * The test files that cannot run on this platform, with what they need.
 * @param {string} platform @returns {ReadonlyMap<string, string>}
 */
export function testsNotRun(platform) {
  const needs = testFiles().map(
    (file) => /** @type {const} */ ([file, platform === 'linux' ? '' : needOf(file)]),
  );
  return new Map(needs.filter(([, need]) => need !== ''));
}

/** What a file of the tests needs Linux for; empty for nothing. @param {string} file @param {Set<string>} [seen] @returns {string} */
function needOf(file, seen = new Set()) {
  if (seen.has(file)) return '';
  seen.add(file);
  const own = ownNeed(file);
  return (
    own ||
    importsOf(file)
      .map((imported) => needOf(imported, seen))
      .find((need) => need !== '') ||
    ''
  );
}

/** @param {string} file */
function ownNeed(file) {
  const path = relative('test', file);
  const entry = Object.entries(LINUX_ONLY).find(([name]) => path === name || path.startsWith(name));
  return entry?.[1] ?? '';
}

/** The files below `test` that this one imports. @param {string} file @returns {string[]} */
function importsOf(file) {
  const text = readFileSync(join(ROOT, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)]
    .map(([, name = '']) => normalize(join(dirname(file), name)).replace(/\.js$/, '.ts'))
    .filter((name) => name.startsWith(join('test', '')) && existsSync(join(ROOT, name)));
}
