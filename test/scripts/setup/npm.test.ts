import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { whyNpmFailed } from '../../../scripts/setup/npm.js';
import { makeCheckout } from '../../support/checkout.js';

const NOTE = 'echo "npm $*" >>"$CALLS"';

/** A machine that lacks nothing but the packages; `npm` is what npm does. */
function checkoutWith(npm: string) {
  const checkout = makeCheckout();
  checkout.addProgram('go');
  checkout.addProgram('npm', `${NOTE}; ${npm}`);
  return { ...checkout, setUp: () => checkout.node(['scripts/setup.js', 'build']) };
}

test('the locked packages are installed once, with what building takes, whatever NODE_ENV says', async () => {
  const checkout = checkoutWith('exit 0');
  expect((await checkout.setUp()).exitCode).toBe(0);
  expect(checkout.calls()).toEqual([
    'npm ci --ignore-scripts --include=dev --include=optional --no-audit --no-fund --loglevel=error',
  ]);
  expect((await checkout.setUp()).stderr).toBe('BUILT\n');
});

test('another lock, or packages that another platform left in the folder, are installed anew', async () => {
  const checkout = checkoutWith('exit 0');
  await checkout.setUp();
  writeFileSync(join(checkout.folder, 'package-lock.json'), '{}');
  await checkout.setUp();
  writeFileSync(join(checkout.folder, 'node_modules', '.gclab-lock'), 'the same hash darwin arm64\n');
  await checkout.setUp();
  expect(checkout.calls()).toHaveLength(3);
});

test('an installation that is cut is no installation', async () => {
  const checkout = checkoutWith('exit 1');
  mkdirSync(join(checkout.folder, 'node_modules'));
  const { exitCode, stderr } = await checkout.setUp();
  expect({ exitCode, stderr }).toEqual({
    exitCode: 3,
    stderr:
      'setup: installing npm packages …\nsetup: npm ci failed; log: .cache/setup.log; when that is mended, type: npm run build\n',
  });
  expect(existsSync(join(checkout.folder, 'node_modules', '.gclab-lock'))).toBe(false);
});

describe('in a line, why npm failed', () => {
  test.each([
    [
      'npm error code ENOTFOUND\nnpm error syscall getaddrinfo\nnpm error errno ENOTFOUND\nnpm error network request to https://registry.test/yaml failed, reason: getaddrinfo ENOTFOUND registry.test\nnpm error network This is a problem related to network connectivity.\nnpm error A complete log of this run can be found in: /x\n',
      'npm has no network: request to https://registry.test/yaml failed, reason: getaddrinfo ENOTFOUND registry.test',
    ],
    [
      'npm ERR! code EAI_AGAIN\nnpm ERR! syscall getaddrinfo\nnpm ERR! errno EAI_AGAIN\nnpm ERR! request to https://registry.test/yaml failed, reason: getaddrinfo EAI_AGAIN registry.test\n',
      'npm has no network: request to https://registry.test/yaml failed, reason: getaddrinfo EAI_AGAIN registry.test',
    ],
    [
      'npm error code EUSAGE\nnpm error\nnpm error `npm ci` can only install packages when your package.json and package-lock.json are in sync.\nnpm error Missing: yaml@2.9.1 from lock file\n',
      'npm ci failed: `npm ci` can only install packages when your package.json and package-lock.json are in sync.',
    ],
    ['spawn npm ENOENT\n', 'npm is not on the PATH; it comes with Node'],
    ['Segmentation fault\n', 'npm ci failed: Segmentation fault'],
    ['', 'npm ci failed'],
  ])('%s', (said, line) => {
    expect(whyNpmFailed(said)).toBe(line);
  });
});
