import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findFirmware, firmwareIn } from '../../../src/provider/qemu/firmware.js';
import { scratch } from '../support.js';

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
