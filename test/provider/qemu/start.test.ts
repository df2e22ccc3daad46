import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isAlive } from '../../../src/process-alive.js';
import type { Accelerator, Vm } from '../../../src/provider/provider.js';
import { findQemu } from '../../../src/provider/qemu/process/find.js';
import { QemuProvider } from '../../../src/provider/qemu/qemu.js';
import { readRecord, type VmFolder, writeRecord } from '../../../src/provider/qemu/record.js';
import { type FakeQemu, fakeQemu, type Plays, stoppedVm } from '../../support/qemu/fake.js';
import { listen, placesIn, scratch } from '../support.js';

const GOOD = { firmware: 'boots', guest: 'boots' } as const;

interface Setting {
  readonly qemu: FakeQemu;
  readonly home: string;
  readonly folder: VmFolder;
  /** A new provider knows nothing but what is on the disk. */
  provider(accelerator?: { flag?: Accelerator; setting?: Accelerator }): QemuProvider;
}

async function setUp(how: Plays, silenceMs = 600_000): Promise<Setting> {
  const [qemu, home] = [await fakeQemu(how), await scratch()];
  const folder = await stoppedVm(home, 'vm1', qemu);
  const controller = { architecture: 'amd64', platform: 'linux', ordinaryUser: null } as const;
  const env = { ...process.env, PATH: `${qemu.bin}:${process.env['PATH']}` };
  const provider: Setting['provider'] = ({ flag, setting } = {}) =>
    new QemuProvider(placesIn(home, { env, controller, accelerator: { flag, setting } }), {
      kvm: silenceMs,
      hvf: silenceMs,
      tcg: 600_000,
    });
  onTestFinished(() => provider().delete('vm1'));
  return { qemu, home, folder, provider };
}

const state = async (provider: QemuProvider): Promise<string | undefined> =>
  (await provider.list())[0]?.state;

test('a good accelerator is tried, taken, and not tried again', async () => {
  const { qemu, provider } = await setUp({ kvm: GOOD });
  expect(await provider().start('vm1', listen())).toMatchObject({ state: 'running', accelerator: 'kvm' });
  await provider().kill('vm1');
  await provider().start('vm1', listen());
  expect(await qemu.calls()).toEqual(['kvm firmware', 'kvm guest', 'kvm guest']);
});

test('one that stops at the firmware is passed over, and not tried again', async () => {
  const { qemu, provider } = await setUp({ kvm: { firmware: 'stops' }, tcg: GOOD });
  const work = listen();
  expect(await provider().start('vm1', work)).toMatchObject({ state: 'running', accelerator: 'tcg' });
  expect(work.told.find(({ doing }) => doing === 'starting QEMU')?.detail).toMatch(
    /^accelerator tcg; kvm does not work here: QEMU stopped the firmware \(internal-error\)/,
  );
  await provider().kill('vm1');
  await provider().start('vm1', listen());
  expect(await qemu.calls()).toEqual(['kvm firmware', 'tcg guest', 'tcg guest']);
});

test.each([
  ['stops', 'QEMU stopped the guest (internal-error: KVM internal error. Suberror: 1 · emulation failure)'],
  ['hangs', 'the guest gave no sign of life (console, disk, network) for 3 s'],
  ['aborts', 'QEMU ended with SIGABRT'],
  ['resets', 'the guest reset itself'],
] as const)(
  'one that passes its trial, and under which the guest then %s, is replaced',
  async (guest, what) => {
    const played = { kvm: { firmware: 'boots', guest }, tcg: GOOD } as const;
    const { qemu, provider } = await setUp(played, guest === 'hangs' ? 2_500 : 600_000);
    const work = listen();
    expect(await provider().start('vm1', work)).toMatchObject({ state: 'running', accelerator: 'tcg' });
    expect(work.notes).toEqual([expect.stringContaining(`kvm does not run this guest (${what}`)]);
    expect(work.notes[0]).toMatch(/; starting it again with tcg$/);
    await provider().kill('vm1');
    await qemu.calls();
    const again = listen();
    await provider().start('vm1', again);
    expect([again.notes, await qemu.calls()]).toEqual([[], ['tcg guest']]);
  },
);

test('one that QEMU refuses once is tried again the next time', async () => {
  const { qemu, provider } = await setUp({ kvm: { firmware: 'boots', guest: 'refuses' }, tcg: GOOD });
  expect(await provider().start('vm1', listen())).toMatchObject({ accelerator: 'tcg' });
  await provider().kill('vm1');
  await qemu.plays({ kvm: GOOD, tcg: GOOD });
  expect(await provider().start('vm1', listen())).toMatchObject({ accelerator: 'kvm' });
});

test.each([
  [{ flag: 'kvm' }, '--accelerator kvm'],
  [{ setting: 'kvm' }, 'GCLAB_ACCELERATOR=kvm'],
] as const)('one that is forced by %j has none behind it, and the error says so', async (forced, by) => {
  const { qemu, provider } = await setUp({ kvm: { guest: 'stops' }, tcg: GOOD });
  await expect(provider(forced).start('vm1', listen())).rejects.toMatchObject({
    code: 'vm-start',
    exitCode: 5,
    message: expect.stringContaining('internal-error'),
    hint: expect.stringContaining(`${by} leaves no other`),
  });
  expect([await state(provider()), await qemu.calls()]).toEqual(['stopped', ['kvm guest']]);
});

test('the one that a VM was made with comes before the setting, and the flag before both', async () => {
  const { qemu, folder, provider } = await setUp({ kvm: GOOD, tcg: GOOD, hvf: GOOD });
  await writeRecord(folder.path, { ...(await readRecord(folder.path, 'vm1')), wantedAccelerator: 'tcg' });
  await provider({ setting: 'kvm' }).start('vm1', listen());
  await provider().kill('vm1');
  await provider({ setting: 'kvm', flag: 'hvf' }).start('vm1', listen());
  expect(await qemu.calls()).toEqual(['tcg guest', 'hvf guest']);
});

test('one that was given up is taken again when it is forced and works', async () => {
  const { qemu, provider } = await setUp({ kvm: { firmware: 'stops' }, tcg: GOOD });
  await provider().start('vm1', listen());
  await provider().kill('vm1');
  await qemu.plays({ kvm: GOOD });
  await provider({ flag: 'kvm' }).start('vm1', listen());
  await provider().kill('vm1');
  expect(await provider().start('vm1', listen())).toMatchObject({ accelerator: 'kvm' });
});

test('when the last resort fails too, both are told, the VM is off, and nothing is remembered', async () => {
  const { qemu, provider } = await setUp({
    kvm: { firmware: 'boots', guest: 'stops' },
    tcg: { guest: 'aborts' },
  });
  await expect(provider().start('vm1', listen())).rejects.toMatchObject({
    code: 'vm-start',
    message: expect.stringMatching(
      /QEMU ended with SIGABRT.*; before that kvm: QEMU stopped the guest \(internal-error/,
    ),
  });
  expect(await state(provider())).toBe('stopped');
  await qemu.plays({ kvm: GOOD });
  expect(await provider().start('vm1', listen())).toMatchObject({ accelerator: 'kvm' });
});

test('a guest that powers itself off is not started again with another accelerator', async () => {
  const { qemu, provider } = await setUp({ kvm: { firmware: 'boots', guest: 'powers-off' }, tcg: GOOD });
  await expect(provider().start('vm1', listen())).rejects.toMatchObject({
    code: 'vm-start',
    message: expect.stringContaining('the guest powered off; its console ends with: reboot: Power down'),
  });
  expect(await qemu.calls()).toEqual(['kvm firmware', 'kvm guest']);
});

test('a power cut while it boots is no fault of the accelerator', async () => {
  const { qemu, provider } = await setUp({ kvm: { firmware: 'boots', guest: 'hangs' }, tcg: GOOD });
  const work = listen();
  const starting = provider().start('vm1', {
    ...work,
    onProgress: ({ doing }) => doing === 'waiting for sshd' && void provider().kill('vm1'),
  });
  await expect(starting).rejects.toMatchObject({ message: expect.stringContaining('QEMU was killed') });
  expect([await state(provider()), await qemu.calls()]).toEqual(['stopped', ['kvm firmware', 'kvm guest']]);
});

test('a guest that QEMU has stopped is shown as it is, and started anew', async () => {
  const { qemu, folder, provider } = await setUp({ kvm: { firmware: 'boots', guest: 'boots' }, tcg: GOOD });
  await provider().start('vm1', listen());
  const before = await findQemu(folder);
  process.kill(before?.pid ?? 0, 'SIGUSR2');
  while ((await state(provider())) === 'running') await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await provider().list()).toMatchObject([{ state: 'stalled', reach: null }]);
  const work = listen();
  expect(await provider().start('vm1', work)).toMatchObject({ state: 'running' });
  expect(work.notes).toEqual([expect.stringMatching(/found stopped by QEMU \(internal-error\)/)]);
  expect([isAlive(before?.pid ?? 0), (await qemu.calls()).length]).toEqual([false, 3]);
});

test('a guest that QEMU has stopped is powered off without waiting for it', async () => {
  const { folder, provider } = await setUp({ kvm: GOOD });
  await provider().start('vm1', listen());
  const { pid = 0 } = (await findQemu(folder)) ?? {};
  process.kill(pid, 'SIGUSR2');
  while ((await state(provider())) === 'running') await new Promise((resolve) => setTimeout(resolve, 20));
  const work = listen();
  await provider().stop('vm1', work);
  expect(work.told.at(-1)?.detail).toBe('the guest does not run (internal-error); cutting the power');
  expect(isAlive(pid)).toBe(false);
});

/** macOS refuses a connection to a socket whose queue is full, as every system does where nobody listens. */
test('a VM whose sockets refuse is running while its process is, is not launched twice, and keeps its port', async () => {
  const { qemu, folder, provider } = await setUp({ kvm: GOOD });
  const vm = (await provider().start('vm1', listen())) as Vm;
  await qemu.calls();
  for (const socket of [folder.monitor, folder.events]) await rm(socket);
  const files = async (): Promise<string[]> =>
    await Promise.all(
      ['vm.json', 'ssh_config', 'known_hosts'].map((name) => readFile(join(folder.path, name), 'utf8')),
    );
  const before = await files();
  expect(await provider().list()).toEqual([vm]);
  expect(await provider().start('vm1', listen())).toEqual(vm);
  expect([await files(), await qemu.calls()]).toEqual([before, []]);
  await provider().stop('vm1', listen());
  expect(await state(provider())).toBe('stopped');
});

test('where a gclab was killed between launch and record, the way to the VM is found all the same', async () => {
  const { folder, provider } = await setUp({ kvm: GOOD });
  const { reach } = await provider().start('vm1', listen());
  await writeRecord(folder.path, { ...(await readRecord(folder.path, 'vm1')), port: null });
  await rm(join(folder.path, 'ssh_config'));
  expect((await provider().list())[0]).toMatchObject({ state: 'running', reach });
  await provider().start('vm1', listen());
  expect(await readFile(join(folder.path, 'ssh_config'), 'utf8')).toContain(`Port ${reach?.port}`);
});

test('a process that only has the number of a QEMU that is gone is left alone', async () => {
  const { folder, provider } = await setUp({ kvm: GOOD });
  await writeFile(folder.pid, `${process.pid}\n`);
  expect(await state(provider())).toBe('stopped');
  await provider().kill('vm1');
  expect(await provider().start('vm1', listen())).toMatchObject({ state: 'running' });
});
