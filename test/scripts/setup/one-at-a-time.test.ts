import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeCheckout } from '../../support/checkout.js';

/** npm that says when it begins and ends, and takes until `go-on` is there. */
const NPM = 'echo begin >>"$CALLS"; until [ -e go-on ]; do /bin/sleep 0.1; done; echo end >>"$CALLS"';

function checkoutWith(npm: string) {
  const checkout = makeCheckout();
  checkout.addProgram('go');
  checkout.addProgram('npm', npm);
  return checkout;
}

test('of two at once in a checkout the second waits, says so, and has nothing left to do', async () => {
  const checkout = checkoutWith(NPM);
  let second: ReturnType<typeof checkout.node> | undefined;
  const first = checkout.node(['scripts/setup.js', 'build'], {
    onStderr: (soFar) => {
      if (second !== undefined || !soFar.includes('installing npm packages')) return;
      second = checkout.node(['scripts/setup.js', 'build'], {
        onStderr: (text) => {
          if (text.includes('waiting')) checkout.touch('go-on');
        },
      });
    },
  });
  expect((await first).exitCode).toBe(0);
  expect(await second).toMatchObject({
    exitCode: 0,
    stderr: 'setup: another one is under way in this folder: waiting for it\nBUILT\n',
  });
  expect(checkout.calls()).toEqual(['begin', 'end']);
});

test('one that was killed keeps nobody waiting', async () => {
  const checkout = checkoutWith(NPM);
  const killed = await checkout.node(['scripts/setup.js', 'build'], {
    onStderr: (soFar, child) => soFar.includes('installing npm packages') && child.kill('SIGKILL'),
  });
  expect(killed.exitCode).toBe(null);
  checkout.touch('go-on');
  expect(readdirSync(checkout.temporary)).toHaveLength(1);
  expect(await checkout.node(['scripts/setup.js', 'build'])).toMatchObject({
    exitCode: 0,
    stderr: expect.not.stringContaining('waiting'),
  });
  expect(existsSync(join(checkout.folder, 'node_modules'))).toBe(true);
});

test('a folder for temporary files whose path is too long for a socket is no hindrance', async () => {
  const checkout = checkoutWith('exit 0');
  const long = checkout.makeFolder('x'.repeat(120));
  const { exitCode } = await checkout.node(['scripts/setup.js', 'build'], { env: { TMPDIR: long } });
  expect(exitCode).toBe(0);
  expect(readdirSync(long)).toEqual([]);
});

test('one that is not there is said in one line', async () => {
  const checkout = checkoutWith('exit 0');
  const { exitCode, stderr } = await checkout.node(['scripts/setup.js', 'build'], {
    env: { TMPDIR: '/nonexistent' },
  });
  expect({ exitCode, stderr }).toEqual({
    exitCode: 3,
    stderr: expect.stringMatching(
      /^setup: no file can be made in \/nonexistent \(\w+\); set TMPDIR to a folder of your own\n$/,
    ),
  });
});
