import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { copyVars, findFirmware, firmwareIn, firmwareOfVm } from '../../../src/provider/qemu/firmware.js';
import { descriptor } from '../../support/qemu/fake.js';
import { scratch } from '../support.js';

const named = descriptor({ code: '/fw/code.fd', vars: '/fw/vars.fd' }, 'aarch64', 'virt-*');

test('firmware is taken from a descriptor that fits, and from no other', () => {
  expect(firmwareIn(JSON.stringify(named), 'arm64')).toEqual({
    code: '/fw/code.fd',
    codeFormat: 'raw',
    varsTemplate: '/fw/vars.fd',
    varsFormat: 'raw',
  });
  expect(firmwareIn(JSON.stringify(named), 'amd64')).toBeUndefined();
  expect(firmwareIn(JSON.stringify({ ...named, features: ['secure-boot'] }), 'arm64')).toBeUndefined();
  expect(firmwareIn(JSON.stringify({ ...named, 'interface-types': ['bios'] }), 'arm64')).toBeUndefined();
  expect(firmwareIn('{', 'arm64')).toBeUndefined();
});

/** An installed QEMU; each version keeps its firmware in a folder of its own, as Homebrew's does. */
async function installed(...versions: readonly (readonly [version: string, varsBytes: number])[]) {
  const prefix = await scratch();
  const qemu = join(prefix, 'bin', 'qemu');
  const descriptors = join(prefix, 'share', 'qemu', 'firmware');
  await mkdir(join(prefix, 'bin'));
  await mkdir(descriptors, { recursive: true });
  for (const [version, varsBytes] of versions) {
    const cellar = join(prefix, 'Cellar', version);
    await mkdir(cellar, { recursive: true });
    const files = { code: join(cellar, 'code.fd'), vars: join(cellar, 'vars.fd') };
    await writeFile(files.code, 'code');
    await writeFile(files.vars, 'v'.repeat(varsBytes));
    await writeFile(
      join(descriptors, `60-${version}.json`),
      JSON.stringify(descriptor(files, 'aarch64', 'virt-*')),
    );
  }
  const remove = (version: string) => rm(join(prefix, 'Cellar', version), { recursive: true });
  return { qemu, prefix, remove };
}

async function vmOf(qemu: string) {
  const { varsTemplate, ...firmware } = await findFirmware(qemu, 'arm64');
  const vars = join(await scratch(), 'vars.fd');
  await copyVars({ varsTemplate, ...firmware }, vars);
  return { vm: { architecture: 'arm64', firmware } as const, folder: { vars } };
}

test('firmware beside QEMU comes before that of the system, as Homebrew has it', async () => {
  const { qemu, prefix } = await installed(['10.1.2', 8]);
  expect((await findFirmware(qemu, 'arm64')).code).toBe(join(prefix, 'Cellar', '10.1.2', 'code.fd'));
});

test('firmware that a descriptor names and that is gone is none', async () => {
  const { qemu, prefix, remove } = await installed(['10.1.2', 8], ['10.2.0', 8]);
  await remove('10.1.2');
  expect((await findFirmware(qemu, 'arm64')).code).toBe(join(prefix, 'Cellar', '10.2.0', 'code.fd'));
});

test('a VM keeps its firmware while that is there, also when another comes first', async () => {
  const { qemu, prefix, remove } = await installed(['10.1.2', 8]);
  const { vm, folder } = await vmOf(qemu);
  const code = join(prefix, 'Cellar', '09.9.9', 'code.fd');
  await mkdir(join(prefix, 'Cellar', '09.9.9'));
  const newer = { code, vars: join(prefix, 'Cellar', '09.9.9', 'vars.fd') };
  for (const file of Object.values(newer)) await writeFile(file, 'newer');
  const file = join(prefix, 'share', 'qemu', 'firmware', '50-newer.json');
  await writeFile(file, JSON.stringify(descriptor(newer, 'aarch64', 'virt-*')));
  expect((await firmwareOfVm(vm, folder, qemu)).code).toBe(vm.firmware.code);
  await remove('10.1.2');
  expect((await firmwareOfVm(vm, folder, qemu)).code).toBe(code);
});

test("an update of QEMU that takes the firmware away costs a VM nothing, and its variables where they don't fit only", async () => {
  const { qemu, prefix, remove } = await installed(['10.1.2', 8], ['10.2.0', 64], ['10.3.0', 8]);
  const { vm, folder } = await vmOf(qemu);
  await writeFile(folder.vars, 'boot id1');
  await remove('10.1.2');
  expect((await firmwareOfVm(vm, folder, qemu)).code).toBe(join(prefix, 'Cellar', '10.3.0', 'code.fd'));
  expect(await readFile(folder.vars, 'utf8')).toBe('boot id1');
  await remove('10.3.0');
  expect((await firmwareOfVm(vm, folder, qemu)).code).toBe(join(prefix, 'Cellar', '10.2.0', 'code.fd'));
  expect(await readFile(folder.vars, 'utf8')).toBe('v'.repeat(64));
});

test('variables can be written to, whatever their template allows', async () => {
  const { qemu } = await installed(['10.1.2', 8]);
  const firmware = await findFirmware(qemu, 'arm64');
  await chmod(firmware.varsTemplate, 0o444);
  const file = join(await scratch(), 'vars.fd');
  await copyVars(firmware, file);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});
