import { userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeCheckout, ORDINARY_USER } from '../../support/checkout.js';

/** npm says what its home is. */
function checkoutThatTells() {
  const checkout = makeCheckout();
  checkout.addProgram('go');
  checkout.addProgram('npm', 'echo "$HOME" >>"$CALLS"');
  return checkout;
}

test('a home that may be written to is left as it is', async () => {
  const checkout = checkoutThatTells();
  const { stderr } = await checkout.node(['scripts/setup.js', 'build']);
  expect(stderr).not.toContain('home');
  expect(checkout.calls()).toEqual([checkout.home]);
});

test('one that cannot be written to gives way to a folder of the checkout, and that is said', async () => {
  const checkout = checkoutThatTells();
  const { exitCode, stderr } = await checkout.node(['scripts/setup.js', 'build'], {
    env: { HOME: '/nonexistent' },
  });
  const own = join(checkout.folder, '.cache', 'home');
  expect(exitCode).toBe(0);
  expect(stderr).toContain(
    `setup: the home folder /nonexistent cannot be written to: caches and VMs go to ${own}\n`,
  );
  expect(checkout.calls()).toEqual([own]);
});

test('where HOME is not set, tools get the one that the system knows', async () => {
  const checkout = checkoutThatTells();
  const { exitCode } = await checkout.node(['scripts/setup.js', 'build'], { env: { HOME: undefined } });
  expect({ exitCode, calls: checkout.calls() }).toEqual({ exitCode: 0, calls: [userInfo().homedir] });
});

test('a user whom the system does not know gets a home in the checkout', async () => {
  const checkout = checkoutThatTells();
  const options = { env: { HOME: undefined }, user: 61_999 };
  const { exitCode } = await checkout.node(['scripts/setup.js', 'build'], options);
  expect({ exitCode, calls: checkout.calls() }).toEqual({
    exitCode: 0,
    calls: [join(checkout.folder, '.cache', 'home')],
  });
});

test('a checkout that cannot be written to is said in one line', async () => {
  const checkout = checkoutThatTells();
  // Of root, for whom everything may be written to, but not of the one who sets up.
  const { exitCode, stderr } = await checkout.node(['scripts/setup.js', 'build'], {
    user: ORDINARY_USER,
    isOwner: false,
  });
  expect({ exitCode, stderr }).toEqual({
    exitCode: 3,
    stderr: expect.stringMatching(
      /^setup: .* cannot be written to \(EACCES\); copy it to a folder of your own and go on there: cp -R '.*' ~\/gclab\n$/,
    ),
  });
});
