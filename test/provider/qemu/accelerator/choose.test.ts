import { utimes } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Accelerator } from '../../../../src/provider/provider.js';
import { Accelerators } from '../../../../src/provider/qemu/accelerator/choose.js';
import { findFirmware } from '../../../../src/provider/qemu/firmware.js';
import { type FakeQemu, fakeQemu } from '../../../support/qemu/fake.js';
import { listen, placesIn, scratch } from '../../support.js';

async function here(
  qemu: FakeQemu,
  home: string,
  { platform = 'linux', wanted }: { platform?: string; wanted?: Accelerator } = {},
): Promise<Accelerators> {
  const controller = { architecture: 'amd64', platform, ordinaryUser: null } as const;
  const firmware = await findFirmware(qemu.program, 'amd64');
  return await Accelerators.here(qemu.program, firmware, wanted, placesIn(home, { controller }), listen());
}

test('the processor itself is tried first, as the platform calls it; one that is forced is alone', async () => {
  const [qemu, home] = [await fakeQemu({}), await scratch()];
  expect((await here(qemu, home)).order).toEqual(['kvm', 'tcg']);
  expect((await here(qemu, home, { platform: 'darwin' })).order).toEqual(['hvf', 'tcg']);
  expect((await here(qemu, home, { platform: 'freebsd' })).order).toEqual(['tcg']);
  expect((await here(qemu, home, { wanted: 'kvm' })).order).toEqual(['kvm']);
});

test('a good one is tried once, and nothing behind it', async () => {
  const qemu = await fakeQemu({ kvm: { firmware: 'boots' }, tcg: { firmware: 'boots' } });
  const home = await scratch();
  expect(await (await here(qemu, home)).fastest(2, listen())).toMatchObject([
    { accelerator: 'kvm', works: true },
  ]);
  expect(await (await here(qemu, home)).fastest(2, listen())).toMatchObject([
    { accelerator: 'kvm', works: true },
  ]);
  expect(await qemu.calls()).toEqual(['kvm firmware']);
  await (await here(qemu, home)).fastest(3, listen());
  expect(await qemu.calls()).toEqual(['kvm firmware']);
});

test('a broken one is tried once, and the next is taken', async () => {
  const qemu = await fakeQemu({ kvm: { firmware: 'stops' }, tcg: { firmware: 'boots' } });
  const home = await scratch();
  const both = [
    { accelerator: 'kvm', works: false, what: expect.stringContaining('internal-error') },
    { accelerator: 'tcg', works: true },
  ];
  expect(await (await here(qemu, home)).fastest(2, listen())).toMatchObject(both);
  expect(await (await here(qemu, home)).fastest(2, listen())).toMatchObject(both);
  expect(await qemu.calls()).toEqual(['kvm firmware', 'tcg firmware']);
});

test('one that QEMU refuses is asked again the next time', async () => {
  const qemu = await fakeQemu({ kvm: { firmware: 'refuses' }, tcg: { firmware: 'boots' } });
  const home = await scratch();
  await (await here(qemu, home)).fastest(2, listen());
  await qemu.plays({ kvm: { firmware: 'boots' } });
  expect(await (await here(qemu, home)).fastest(2, listen())).toMatchObject([
    { accelerator: 'kvm', works: true },
  ]);
});

test('where none works, the firmware may be to blame, and nothing is remembered', async () => {
  const qemu = await fakeQemu({ kvm: { firmware: 'stops' }, tcg: { firmware: 'stops' } });
  const home = await scratch();
  const seen = await (await here(qemu, home)).fastest(2, listen());
  expect(seen.map(({ works }) => works)).toEqual([false, false]);
  await qemu.calls();
  await (await here(qemu, home)).fastest(2, listen());
  expect(await qemu.calls()).toEqual(['kvm firmware', 'tcg firmware']);
});

test('another firmware is another trial', async () => {
  const qemu = await fakeQemu({ kvm: { firmware: 'boots' } });
  const home = await scratch();
  await (await here(qemu, home)).fastest(2, listen());
  await utimes(qemu.firmware.code, 1, 1);
  await (await here(qemu, home)).fastest(2, listen());
  expect(await qemu.calls()).toEqual(['kvm firmware', 'kvm firmware']);
});
