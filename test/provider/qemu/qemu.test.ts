import { join } from 'node:path';
import { expect, test } from 'vitest';
import { QemuProvider } from '../../../src/provider/qemu/qemu.js';
import { listen, placesIn, scratch } from '../support.js';

test.each(['', 'Upper', '-x', 'x-', '../x', 'a b', '1st', 'x'.repeat(32)])(
  '%j is no name for a VM',
  async (name) => {
    const provider = new QemuProvider(placesIn(await scratch()));
    await expect(provider.start(name, listen())).rejects.toMatchObject({ code: 'vm-name', exitCode: 2 });
  },
);

test('a home folder that is too deep for sockets is refused before anything is made', async () => {
  const home = join(await scratch(), 'x'.repeat(100));
  const provider = new QemuProvider(placesIn(home));
  const creating = provider.create(
    { name: 'vm1', image: 'bootstrap:sid', memoryBytes: 1, cpus: 1, kernelOptions: '', accelerator: null },
    listen(),
  );
  await expect(creating).rejects.toMatchObject({
    code: 'vm-name',
    hint: expect.stringContaining('GCLAB_HOME'),
  });
});

test('a VM that nobody made is unknown, and deleting it is fine', async () => {
  const provider = new QemuProvider(placesIn(await scratch()));
  await expect(provider.start('vm1', listen())).rejects.toMatchObject({ code: 'vm-unknown', exitCode: 4 });
  await expect(provider.stop('vm1', listen())).rejects.toMatchObject({ code: 'vm-unknown' });
  await provider.delete('vm1');
  expect(await provider.list()).toEqual([]);
});

test('what is missing here is said, with what to install', async () => {
  const places = placesIn(await scratch(), {
    env: { PATH: '/nowhere' },
    controller: { architecture: 'amd64', platform: 'darwin', ordinaryUser: null },
  });
  const requirements = await new QemuProvider(places).requirements(listen());
  const program = requirements.find(({ description }) => description === 'qemu-system-x86_64');
  expect(program).toMatchObject({
    met: false,
    fatal: true,
    detail: expect.stringContaining('brew install qemu'),
  });
});

test('an ordinary user is told what stands in for root', async () => {
  const controller = { architecture: 'amd64', platform: 'linux', ordinaryUser: 'ada' } as const;
  const places = placesIn(await scratch(), { env: { PATH: '/nowhere' }, controller });
  const requirements = await new QemuProvider(places).requirements(listen());
  const lacking = requirements.map(({ description, detail }) => `${description}: ${detail}`);
  expect(lacking).toContain('fakeroot, to build bootstrap images: apt-get install fakeroot');
  expect(lacking).toContain('newuidmap, to build bootstrap images: apt-get install uidmap');
  expect(lacking).toContain(
    'subordinate ids of ada, to build bootstrap images: sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ada',
  );
});
