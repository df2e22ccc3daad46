import { expect, test } from 'vitest';
import { chooseAccelerator, tryAccelerator } from '../../../src/provider/qemu/accelerator.js';
import { listen, scratch } from '../support.js';
import { fakeQemu } from './fake-qemu.js';

const controller = { architecture: 'amd64', platform: 'linux' } as const;

test('the trial guest really runs: emulated, it switches itself off', async () => {
  expect(
    await tryAccelerator('qemu-system-x86_64', 'amd64', 'tcg', await scratch(), listen()),
  ).toBeUndefined();
});

test('an accelerator that is there and runs no guest is refused with its own words', async () => {
  const qemu = await fakeQemu('echo "Assertion failed" >&2; kill -ABRT $$');
  const choice = await chooseAccelerator(qemu, 'amd64', controller, await scratch(), listen());
  expect(choice.accelerator).toBe('tcg');
  expect(choice.refused).toMatchObject([
    { accelerator: 'kvm', why: expect.stringContaining('SIGABRT: Assertion failed') },
  ]);
});

test('a QEMU that ends well without having run the guest is not believed', async () => {
  const choice = await chooseAccelerator(
    await fakeQemu('exit 0'),
    'amd64',
    controller,
    await scratch(),
    listen(),
  );
  expect(choice.accelerator).toBe('tcg');
});

test('an accelerator that runs the guest is taken, and for another architecture none is tried', async () => {
  const qemu = await fakeQemu('exit 33');
  expect(await chooseAccelerator(qemu, 'amd64', controller, await scratch(), listen())).toEqual({
    accelerator: 'kvm',
    refused: [],
  });
  expect(
    await chooseAccelerator(qemu, 'amd64', { ...controller, platform: 'darwin' }, await scratch(), listen()),
  ).toMatchObject({ accelerator: 'hvf' });
  expect(await chooseAccelerator(qemu, 'arm64', controller, await scratch(), listen())).toEqual({
    accelerator: 'tcg',
    refused: [],
  });
});
