import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../../src/provider/port.js';
import { chooseAccelerator, tryAccelerator } from '../../../src/provider/qemu/accelerator.js';
import { qemuArgv } from '../../../src/provider/qemu/argv.js';
import { findFirmware, firmwareIn } from '../../../src/provider/qemu/firmware.js';
import { locked } from '../../../src/provider/qemu/lock.js';
import { isListening, watchLife } from '../../../src/provider/qemu/monitor.js';
import { QemuProvider } from '../../../src/provider/qemu/qemu.js';
import { vmFolder } from '../../../src/provider/qemu/record.js';
import { listen, placesIn, scratch } from '../support.js';

const controller = { architecture: 'amd64', platform: 'linux' } as const;

async function fakeQemu(script: string): Promise<string> {
  const file = join(await scratch(), 'qemu');
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

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

const descriptor = {
  'interface-types': ['uefi'],
  mapping: {
    device: 'flash',
    executable: { filename: '/fw/code.fd', format: 'raw' },
    'nvram-template': { filename: '/fw/vars.fd', format: 'raw' },
  },
  targets: [{ architecture: 'aarch64', machines: ['virt-*'] }],
  features: ['verbose-static'],
};

test('firmware is taken from a descriptor that fits, and from no other', () => {
  const found = firmwareIn(JSON.stringify(descriptor), 'arm64');
  expect(found).toEqual({
    code: '/fw/code.fd',
    codeFormat: 'raw',
    varsTemplate: '/fw/vars.fd',
    varsFormat: 'raw',
  });
  expect(firmwareIn(JSON.stringify(descriptor), 'amd64')).toBeUndefined();
  expect(firmwareIn(JSON.stringify({ ...descriptor, features: ['secure-boot'] }), 'arm64')).toBeUndefined();
  expect(firmwareIn(JSON.stringify({ ...descriptor, 'interface-types': ['bios'] }), 'arm64')).toBeUndefined();
  expect(firmwareIn('{', 'arm64')).toBeUndefined();
});

test('firmware beside QEMU comes before that of the system, as Homebrew has it', async () => {
  const prefix = await scratch();
  await mkdir(join(prefix, 'bin'));
  await mkdir(join(prefix, 'share/qemu/firmware'), { recursive: true });
  await writeFile(join(prefix, 'share/qemu/firmware/60-edk2-aarch64.json'), JSON.stringify(descriptor));
  expect((await findFirmware(join(prefix, 'bin/qemu'), 'arm64')).code).toBe('/fw/code.fd');
});

test('QEMU is given paths with commas in a way that it reads back', async () => {
  const folder = join(await scratch(), 'a,b');
  await mkdir(folder);
  const record = {
    schema: 1,
    name: 'vm1',
    image: 'x',
    architecture: 'amd64',
    memoryBytes: 300 * 2 ** 20 + 1,
    cpus: 2,
    port: null,
    accelerator: null,
  } as const;
  const firmware = { code: '/fw/c,ode.fd', codeFormat: 'raw', varsFormat: 'raw' };
  const argv = qemuArgv({ ...record, firmware }, vmFolder(folder), {
    program: 'qemu',
    accelerator: 'kvm',
    port: 2201,
  });
  expect(argv).toContain(
    `if=none,id=disk,format=qcow2,discard=unmap,file=${folder.replace(',', ',,')}/disk.qcow2`,
  );
  expect(argv).toContain('if=pflash,unit=0,readonly=on,format=raw,file=/fw/c,,ode.fd');
  expect(argv).toEqual(
    expect.arrayContaining(['-m', '301M', '-cpu', 'host', 'user,id=net,hostfwd=tcp:127.0.0.1:2201-:22']),
  );
});

test('a lock is held by one at a time, and waiting for it can be given up', async () => {
  const path = join(await scratch(), 'lock');
  const order: string[] = [];
  const hold = (name: string) =>
    locked(path, listen(), async () => {
      order.push(`${name} in`);
      await new Promise((resolve) => setTimeout(resolve, 30));
      order.push(`${name} out`);
    });
  const first = hold('one');
  await expect(
    locked(path, listen(AbortSignal.timeout(10)), async () => order.push('never')),
  ).rejects.toMatchObject({ fault: 'interrupted' });
  await Promise.all([first, hold('two'), hold('three')]);
  expect(order.filter((_entry, at) => at % 2 === 0).map((entry) => entry.split(' ')[0])).toEqual(
    order.filter((_entry, at) => at % 2 === 1).map((entry) => entry.split(' ')[0]),
  );
  expect(order).toHaveLength(6);
});

test('the lock of a killed process is taken over', async () => {
  const path = join(await scratch(), 'lock');
  const holder = spawn(process.execPath, [
    '-e',
    `require('net').createServer().listen(${JSON.stringify(path)},()=>console.log('held'))`,
  ]);
  await once(holder.stdout, 'data');
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  expect(await locked(path, listen(), async () => 'mine')).toBe('mine');
});

test('whoever watches sees the end, and one who comes later sees it at once', async () => {
  const path = join(await scratch(), 'life');
  const script = `require('net').createServer(()=>{}).listen(${JSON.stringify(path)},()=>console.log('up'))`;
  const living = spawn(process.execPath, ['-e', script]);
  await once(living.stdout, 'data');
  const life = await watchLife(path);
  expect(life.ended.aborted).toBe(false);
  const exited = once(living, 'exit');
  living.kill('SIGKILL');
  if (!life.ended.aborted) await once(life.ended, 'abort');
  await exited;
  expect(await isListening(path)).toBe(false);
  expect((await watchLife(path)).ended.aborted).toBe(true);
});

test('the port of the last start is taken again where it is free, else another', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  expect(await freePort(port)).not.toBe(port);
  const free = await freePort(null);
  expect(await freePort(free)).toBe(free);
});

test.each(['', 'Upper', '-x', 'x-', '../x', 'a b', '1st', 'x'.repeat(32)])(
  '%j is no name for a VM',
  async (name) => {
    const provider = new QemuProvider(placesIn(await scratch()));
    await expect(provider.start(name, listen())).rejects.toMatchObject({ fault: 'vm-name', exitCode: 2 });
  },
);

test('a home folder that is too deep for sockets is refused before anything is made', async () => {
  const home = join(await scratch(), 'x'.repeat(100));
  const provider = new QemuProvider(placesIn(home));
  const creating = provider.create(
    { name: 'vm1', image: 'bootstrap:sid', memoryBytes: 1, cpus: 1, kernelOptions: '' },
    listen(),
  );
  await expect(creating).rejects.toMatchObject({
    fault: 'vm-name',
    hint: expect.stringContaining('GCLAB_HOME'),
  });
});

test('a VM that nobody made is unknown, and deleting it is fine', async () => {
  const provider = new QemuProvider(placesIn(await scratch()));
  await expect(provider.start('vm1', listen())).rejects.toMatchObject({ fault: 'vm-unknown', exitCode: 4 });
  await expect(provider.stop('vm1', listen())).rejects.toMatchObject({ fault: 'vm-unknown' });
  await provider.delete('vm1');
  expect(await provider.list()).toEqual([]);
});

test('what is missing here is said, with what to install', async () => {
  const places = placesIn(await scratch(), {
    env: { PATH: '/nowhere' },
    controller: { architecture: 'amd64', platform: 'darwin' },
  });
  const requirements = await new QemuProvider(places).requirements(listen());
  const program = requirements.find(({ description }) => description === 'qemu-system-x86_64');
  expect(program).toMatchObject({
    met: false,
    fatal: true,
    detail: expect.stringContaining('brew install qemu'),
  });
});
