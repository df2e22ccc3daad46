import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeCheckout, PLAY_DARWIN } from '../../support/checkout.js';

const COMMANDS = { demo: 'npm run demo', test: 'npm test' } as const;
const NPM_CI = 'echo "npm $*" >>"$CALLS"; [ "$1" != ci ] || /bin/mkdir -p node_modules';

/** A Mac with these programs, whose home and folder for temporary files are called as they are there. */
function mac(programs: readonly string[]) {
  const checkout = makeCheckout();
  for (const name of programs) checkout.addProgram(name, name === 'npm' ? NPM_CI : '');
  const home = join(checkout.home, 'Users', 'Ada Lovelace');
  const temporary = join(checkout.home, 'var folders', 'zz', 'zyxvpxvq6csfxvn_n0000000000000', 'T');
  for (const folder of [home, temporary]) mkdirSync(folder, { recursive: true });
  return { checkout, env: { HOME: home, TMPDIR: temporary, NODE_OPTIONS: `--require "${PLAY_DARWIN}"` } };
}

async function setUp(purpose: 'demo' | 'test', programs: readonly string[]) {
  const { checkout, env } = mac(programs);
  // gofmt is the quickest step of `npm test`, and a program of Go's.
  const argv = purpose === 'demo' ? ['scripts/demo.js'] : ['scripts/test.js', 'gofmt'];
  return { ...(await checkout.node(argv, { env })), checkout };
}

const WITH_QEMU = ['npm', 'go', 'gofmt', 'ssh', 'qemu-system-aarch64', 'qemu-img', 'brew'];
const WITH_LIMA = ['npm', 'go', 'gofmt', 'ssh', 'limactl', 'brew'];
const without = (missing: string) => WITH_QEMU.filter((name) => name !== missing);

describe.each(['demo', 'test'] as const)('on a Mac, %s', (purpose) => {
  const again = COMMANDS[purpose];

  test.each([
    ['QEMU', WITH_QEMU],
    ['Lima in place of QEMU', WITH_LIMA],
  ])('needs no more than Go, OpenSSH and %s', async (_name, programs) => {
    const { exitCode, stdout, stderr, checkout } = await setUp(purpose, programs);
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
    expect(stderr).not.toMatch(/missing|brew|apt|mmdebstrap/);
    expect(purpose === 'demo' ? stderr : stdout).toMatch(
      purpose === 'demo' ? /BUILT\n.*\nGCLAB remote run/ : /1 passed, 0 failed\n$/,
    );
    expect(checkout.calls()).toEqual([expect.stringMatching(/^npm ci /)]);
  });

  test.each([
    ['go', 'missing: Go (go); install with: brew install go; then type:'],
    ['ssh', 'missing: OpenSSH (ssh); install with: brew install openssh; then type:'],
    [
      'qemu-system-aarch64',
      'missing: QEMU (qemu-system-aarch64) or Lima (limactl); install with: brew install qemu (lima does as well as qemu); then type:',
    ],
    [
      'qemu-img',
      'missing: QEMU (qemu-img) or Lima (limactl); install with: brew install qemu (lima does as well as qemu); then type:',
    ],
    ['npm', 'npm is not on the PATH; it comes with Node'],
  ])('without %s says so in one line, and what to type', async (missing, line) => {
    const { exitCode, stdout, stderr } = await setUp(purpose, without(missing));
    expect(
      stderr.split('\n').filter((text) => /^setup: (missing|npm is)|^test: (missing|npm is)/.test(text)),
    ).toHaveLength(1);
    expect(stderr).toContain(line);
    expect(stderr).toContain(again);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
  });

  test('without anything names everything in one line, Homebrew as well', async () => {
    const { exitCode, stderr } = await setUp(purpose, []);
    expect(exitCode).toBe(3);
    expect(stderr).toBe(
      `${purpose === 'demo' ? 'setup' : 'test'}: missing: Go (go), OpenSSH (ssh), QEMU (qemu-system-aarch64, qemu-img) or Lima (limactl); ` +
        `install with: brew install go openssh qemu (Homebrew is at https://brew.sh; lima does as well as qemu); then type: ${again}\n`,
    );
  });
});
