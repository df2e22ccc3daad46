import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { qemuArgv } from '../../../src/provider/qemu/argv.js';
import { launch } from '../../../src/provider/qemu/launch.js';
import { vmFolder } from '../../../src/provider/qemu/record.js';
import { listen, scratch } from '../support.js';
import { fakeQemu } from './fake-qemu.js';

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

test('QEMU is given paths with commas in a way that it reads back', async () => {
  const folder = join(await scratch(), 'a,b');
  await mkdir(folder);
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

test('a port that somebody was quicker with is given up for another', async () => {
  const folder = vmFolder(await scratch());
  const program = await fakeQemu(`[ -e ${folder.path}/once ] && exit 0; touch ${folder.path}/once; exit 1`);
  const announced: number[] = [];
  const announce = async (port: number) => {
    announced.push(port);
    if (announced.length > 1) return;
    const thief = createServer().listen(port, '127.0.0.1');
    await once(thief, 'listening');
    onTestFinished(() => void thief.close());
  };
  await launch(
    { ...record, firmware },
    folder,
    { program, accelerator: 'tcg', env: process.env, announce },
    listen(),
  );
  expect(new Set(announced).size).toBe(2);
});

test('a QEMU that does not start is an error with its last words', async () => {
  const program = await fakeQemu('echo "no such machine" >&2; exit 1');
  const how = { program, accelerator: 'tcg', env: process.env, announce: async () => undefined } as const;
  const launching = launch({ ...record, firmware }, vmFolder(await scratch()), how, listen());
  await expect(launching).rejects.toMatchObject({
    code: 'vm-start',
    message: expect.stringContaining('no such machine'),
  });
});
