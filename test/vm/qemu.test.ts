import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import type { Vm } from '../../src/provider/provider.js';
import { QemuProvider } from '../../src/provider/qemu/qemu.js';
import { listen, placesIn } from '../provider/support.js';

/** The image stays from run to run: its name says its content. */
const home = process.env['GCLAB_TEST_HOME'] ?? join(tmpdir(), 'gclab-vm-tests');
const first = `first-${process.pid}`;
const second = `second-${process.pid}`;
const spec = {
  image: 'bootstrap:bookworm',
  memoryBytes: 768 * 2 ** 20,
  cpus: 2,
  kernelOptions: 'gclab.test="a b"',
  accelerator: null,
};

/** A new provider knows nothing but what is on the disk, as after a restart of gclab. */
const provider = () => new QemuProvider(placesIn(home));

async function ssh(vm: Vm, ...command: string[]): Promise<string> {
  const config = vm.reach?.sshConfigFile ?? '';
  const argv = ['-F', config, '-o', 'BatchMode=yes', vm.reach?.alias ?? '', ...command];
  return (await promisify(execFile)('ssh', argv)).stdout.trim();
}

afterAll(async () => {
  await provider().delete(first);
  await provider().delete(second);
});

test('a VM is made, shown, and nothing half-made with it', { timeout: 600_000 }, async () => {
  const work = listen();
  const vm = await provider().create({ ...spec, name: first }, work);
  expect(vm).toMatchObject({
    name: first,
    state: 'stopped',
    reach: null,
    memoryBytes: spec.memoryBytes,
    cpus: 2,
  });
  expect((await provider().list()).map((each) => each.name)).toContain(first);
  expect(await readdir(join(home, 'vms'))).not.toContainEqual(expect.stringMatching(/^\.making/));
});

test('a taken name is refused and its VM untouched', async () => {
  const creating = provider().create({ ...spec, name: first }, listen());
  await expect(creating).rejects.toMatchObject({ code: 'vm-exists', exitCode: 2 });
});

test('a second VM of the same image copies no disk', async () => {
  const work = listen();
  await provider().create({ ...spec, name: second }, work);
  const detail = work.told.find(({ doing }) => doing === 'creating the VM')?.detail;
  expect(detail).toMatch(/^1\d\d KiB of its own over \S+ MiB from the cache/);
});

test('a started VM answers only to its own host key, and root is a sudo away', {
  timeout: 300_000,
}, async () => {
  const work = listen();
  const vm = await provider().start(first, work);
  expect(work.told.find(({ doing }) => doing === 'starting QEMU')?.detail).toMatch(
    /^accelerator (kvm|hvf|tcg)/,
  );
  expect(await ssh(vm, 'hostname; id -un; sudo -n id -un')).toBe(`${first}\nlab\nroot`);
  // GRUB moves the quotes to where it likes them.
  expect(await ssh(vm, 'cat /proc/cmdline')).toContain('"gclab.test=a b"');
  expect(await ssh(vm, 'nproc')).toBe('2');
  const knownHosts = join(home, 'vms', first, 'known_hosts');
  const right = await readFile(knownHosts, 'utf8');
  const other = await readFile(join(home, 'vms', second, 'host_key.pub'), 'utf8');
  await writeFile(knownHosts, `${right.split(' ')[0]} ${other}`);
  await expect(ssh(vm, 'true')).rejects.toMatchObject({
    stderr: expect.stringContaining('Host key verification failed'),
  });
  await writeFile(knownHosts, right);
});

test('the guest rules its own boot: update-grub there leaves the entries as they are', {
  timeout: 300_000,
}, async () => {
  const [vm] = (await provider().list()).filter(({ name }) => name === first);
  const linuxLines = "sudo grep -E '^\\s+linux' /boot/grub/grub.cfg";
  const before = await ssh(vm as Vm, linuxLines);
  await ssh(vm as Vm, 'sudo update-grub');
  expect(await ssh(vm as Vm, linuxLines)).toBe(before);
});

test('a running VM is found again, and starting it changes nothing', async () => {
  const [found] = (await provider().list()).filter(({ name }) => name === first);
  expect(found).toMatchObject({ state: 'running', reach: { alias: first, host: '127.0.0.1', user: 'lab' } });
  const bootId = await ssh(found as Vm, 'cat /proc/sys/kernel/random/boot_id');
  const again = await provider().start(first, listen());
  expect(again).toEqual(found);
  expect(await ssh(again, 'cat /proc/sys/kernel/random/boot_id')).toBe(bootId);
});

test('a power cut ends it at once, and it boots again with what was synced', {
  timeout: 300_000,
}, async () => {
  const [vm] = (await provider().list()).filter(({ name }) => name === first);
  await ssh(vm as Vm, 'echo kept > here; sync');
  await provider().kill(first);
  expect((await provider().list()).find(({ name }) => name === first)?.state).toBe('stopped');
  const back = await provider().start(first, listen());
  expect(await ssh(back, 'cat here')).toBe('kept');
});

test('a restart is orderly, and the console log keeps all boots', { timeout: 300_000 }, async () => {
  const vm = await provider().restart(first, listen());
  expect(await ssh(vm, 'cat here')).toBe('kept');
  const log = await readFile(vm.consoleLog ?? '', 'latin1');
  expect(log).toContain('reboot: Power down');
  // GRUB's own words: a guest that is cut or stopped soon after its sshd answers may not have come to its login prompt.
  expect(log.match(/Loading Linux /g)).toHaveLength(3);
});

test('a start that is interrupted leaves the VM off', { timeout: 120_000 }, async () => {
  const controller = new AbortController();
  const work = {
    signal: controller.signal,
    onProgress: ({ doing }: { doing: string }) => doing === 'waiting for sshd' && controller.abort(),
    onNote: () => undefined,
  };
  await expect(provider().start(second, work)).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 });
  expect((await provider().list()).find(({ name }) => name === second)?.state).toBe('stopped');
});

test('deleting a running VM leaves nothing of it', async () => {
  await provider().delete(first);
  await provider().delete(first);
  expect((await provider().list()).map(({ name }) => name)).not.toContain(first);
  expect((await readdir(join(home, 'vms'))).filter((name) => name.includes(first))).toEqual([]);
});
