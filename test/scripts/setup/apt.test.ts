import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lockHolder, whyAptFailed } from '../../../scripts/setup/apt.js';
import { type Checkout, makeCheckout, ORDINARY_USER } from '../../support/checkout.js';

const INSTALL = 'apt-get install -y --no-install-recommends golang-go';

/** apt-get that notes what it was asked for; `behave` is what it does after that. */
const aptGet = (behave: string) =>
  `while [ "$1" = -q ] || [ "$1" = -o ]; do [ "$1" = -q ] || shift; shift; done; echo "apt-get $*" >>"$CALLS"; ${behave}`;
/** sudo that lets everybody do everything, and passes on what it is given only. */
const SUDO = 'while [ "$1" = -n ]; do shift; done; echo "sudo $1" >>"$CALLS"; exec "$@"';

/** A Debian that lacks Go alone, whatever the machine has on which this runs: `build` needs nothing else. */
function debian(behave: string): Checkout {
  const checkout = makeCheckout();
  checkout.addProgram('apt-get', aptGet(behave));
  checkout.addProgram(
    'env',
    'while :; do case $1 in *=*) export "$1"; shift ;; *) break ;; esac; done; exec "$@"',
  );
  checkout.addProgram('npm', 'exit 0');
  return checkout;
}

const setUp = (checkout: Checkout, user?: number) =>
  checkout.node(['scripts/setup.js', 'build'], user === undefined ? {} : { user });

test('what is missing is installed, in one line, and nothing twice', async () => {
  const checkout = debian(
    'echo "Reading package lists..."; echo "pmstatus:golang:50.0:Unpacking golang" >&3',
  );
  const { exitCode, stderr } = await setUp(checkout);
  expect(stderr).toMatch(
    /^setup: installing 1 Debian package …\nsetup: installed 1 Debian package: golang-go; log: \.cache\/setup\.log \(\d+ s\)\nsetup: installing npm packages …\nsetup: installed npm packages \(\d+ s\)\nBUILT\n$/,
  );
  expect({ exitCode, calls: checkout.calls() }).toEqual({ exitCode: 0, calls: ['apt-get update', INSTALL] });
  checkout.addProgram('go');
  expect((await setUp(checkout)).stderr).toBe('BUILT\n');
});

test("apt's account shares its stream with nothing that a package's script prints", async () => {
  const checkout = debian('echo "pmstatus:x:50.0:words" >&3; echo "of a script"');
  expect((await setUp(checkout)).exitCode).toBe(0);
  const log = readFileSync(join(checkout.folder, '.cache', 'setup.log'), 'utf8');
  expect(log).toContain('of a script\n');
  expect(log).not.toContain('pmstatus');
});

test('who is not root installs with sudo, which gets the settings that apt needs', async () => {
  const checkout = debian('echo "$DEBIAN_FRONTEND $LC_ALL" >>"$CALLS"');
  checkout.addProgram('sudo', SUDO);
  checkout.addProgram('true');
  const { exitCode } = await setUp(checkout, ORDINARY_USER);
  const calls = [
    'sudo true',
    'sudo env',
    'apt-get update',
    'noninteractive C',
    'sudo env',
    INSTALL,
    'noninteractive C',
  ];
  expect({ exitCode, calls: checkout.calls() }).toEqual({ exitCode: 0, calls });
});

test.each([
  ['there is no sudo', undefined, `there is no sudo here: as root, type: ${INSTALL}; then: npm run build`],
  [
    'sudo wants a password and there is no terminal',
    'echo "sudo: a password is required" >&2; exit 1',
    `sudo wants a password, and there is no terminal to ask for it: type: sudo ${INSTALL}; then: npm run build`,
  ],
])('where %s, one line says what to type', async (_case, sudo, line) => {
  const checkout = debian('');
  checkout.addProgram('true');
  if (sudo !== undefined) checkout.addProgram('sudo', sudo);
  const { exitCode, stderr } = await setUp(checkout, ORDINARY_USER);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 3,
    stderr: `setup: missing Debian packages: golang-go; ${line}\n`,
  });
  expect(checkout.calls()).toEqual([]);
});

/** Does `first` once, and then `later`. */
const once = (first: string, later = 'exit 0') => `if [ -e once ]; then ${later}; else : >once; ${first}; fi`;

test.each([
  [
    "somebody else's lock is waited for",
    'echo "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (unattended-upgr)" >&2; exit 100',
    ['apt-get update', 'apt-get update', INSTALL],
  ],
  [
    'lists that cannot be brought up to date may do',
    'echo "E: The repository of somebody else is not signed" >&2; exit 100',
    ['apt-get update', INSTALL],
  ],
])('%s', async (_name, first, calls) => {
  const checkout = debian(once(first));
  const { exitCode } = await setUp(checkout);
  expect({ exitCode, calls: checkout.calls() }).toEqual({ exitCode: 0, calls });
});

test('what an earlier installation left half done is completed', async () => {
  const interrupted =
    'echo "E: dpkg was interrupted, you must manually run \'dpkg --configure -a\'" >&2; exit 100';
  const checkout = debian(`[ "$1" = update ] || ${`[ -e mended ] || { ${interrupted}; }`}`);
  checkout.addProgram('dpkg', 'echo "dpkg $*" >>"$CALLS"; : >mended');
  const { exitCode } = await setUp(checkout);
  const calls = ['apt-get update', INSTALL, 'dpkg --configure -a', INSTALL];
  expect({ exitCode, calls: checkout.calls() }).toEqual({ exitCode: 0, calls });
});

test('a failure is one line: what apt said, where the log lies, what to type', async () => {
  const checkout = debian(
    '[ "$1" = update ] || { echo "E: Unable to locate package golang-go" >&2; exit 100; }',
  );
  const { exitCode, stderr } = await setUp(checkout);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 3,
    stderr:
      'setup: installing 1 Debian package …\n' +
      'setup: apt-get failed: Unable to locate package golang-go; log: .cache/setup.log; when that is mended, type: npm run build\n',
  });
});

test('Ctrl-C ends it with one line, and the next time goes on', async () => {
  const checkout = debian('[ -z "$SLOW" ] || exec /bin/sleep 60');
  const cut = await checkout.node(['scripts/setup.js', 'build'], {
    env: { SLOW: 'yes' },
    onStderr: (soFar, child) => soFar.endsWith(' …\n') && child.kill('SIGINT'),
  });
  expect(cut.exitCode).toBe(130);
  expect(cut.stderr).toMatch(/\nsetup: interrupted; to go on, type: npm run build\n$/);
  expect((await setUp(checkout)).exitCode).toBe(0);
});

test('an installation that failed is done again, also where its files are there by now', async () => {
  const checkout = debian('[ -z "$FAILS" ] || exit 100');
  await checkout.node(['scripts/setup.js', 'build'], { env: { FAILS: 'yes' } });
  checkout.addProgram('go');
  expect((await setUp(checkout)).exitCode).toBe(0);
  expect((await setUp(checkout)).stderr).toBe('BUILT\n');
  expect(checkout.calls()).toEqual(['apt-get update', INSTALL, 'apt-get update', INSTALL]);
});

describe('in a line, why apt-get failed', () => {
  test.each([
    [
      "W: Failed to fetch http://mirror.example/debian/dists/bookworm/InRelease  Temporary failure resolving 'mirror.example'\nE: Unable to locate package fish\n",
      "apt-get has no network: Temporary failure resolving 'mirror.example'",
    ],
    [
      'E: Failed to fetch http://mirror.test/pool/f.deb  Could not connect to mirror.test:80 (192.0.2.1), connection timed out\n',
      'apt-get has no network: Could not connect to mirror.test:80',
    ],
    [
      'E: Failed to fetch http://mirror.test/pool/f.deb  404  Not Found [IP: 192.0.2.1 80]\nE: Unable to fetch some archives\n',
      'apt-get failed: Failed to fetch http://mirror.test/pool/f.deb  404  Not Found [IP: 192.0.2.1 80] · Unable to fetch some archives',
    ],
    [
      'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 42 (apt-get)\n',
      'apt-get was kept out: process 42 (apt-get) holds its lock',
    ],
    ['sudo: a password is required\n', 'apt-get failed: sudo: a password is required'],
    ['', 'apt-get failed'],
  ])('%s', (said, line) => {
    expect(whyAptFailed(said)).toBe(line);
  });
});

test('a lock has a holder in the words of old and new apt, and else there is none', () => {
  const old = 'E: Could not get lock /var/lib/dpkg/lock - open (11: Resource temporarily unavailable)';
  expect(lockHolder(old)).toBe('another process');
  expect(lockHolder('E: Unable to locate package lock')).toBeUndefined();
});
