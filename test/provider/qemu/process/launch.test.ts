import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isAlive } from '../../../../src/process-alive.js';
import { forwardedPort, qemuArgv } from '../../../../src/provider/qemu/process/argv.js';
import { complaints, endQemu, launch } from '../../../../src/provider/qemu/process/launch.js';
import { vmFolder } from '../../../../src/provider/qemu/record.js';
import { fakeQemu, recordOf } from '../../../support/qemu/fake.js';
import { listen, scratch } from '../../support.js';

const firmware = { code: '/fw/c,ode.fd', codeFormat: 'raw', varsFormat: 'raw' };
const record = { ...recordOf('vm1', firmware), memoryBytes: 300 * 2 ** 20 + 1 };
const run = { program: 'qemu', accelerator: 'kvm', port: 2201 } as const;

test('QEMU is given paths with commas in a way that it reads back', async () => {
  const folder = join(await scratch(), 'a,b');
  await mkdir(folder);
  const argv = qemuArgv(record, vmFolder(folder), run);
  expect(argv).toContain(
    `if=none,id=disk,format=qcow2,discard=unmap,file=${folder.replace(',', ',,')}/disk.qcow2`,
  );
  expect(argv).toContain('if=pflash,unit=0,readonly=on,format=raw,file=/fw/c,,ode.fd');
  expect(argv).toEqual(
    expect.arrayContaining(['-m', '301M', '-cpu', 'host', 'user,id=net,hostfwd=tcp:127.0.0.1:2201-:22']),
  );
});

test('the port is found again in the command line of a process, and none in that of another', () => {
  expect(forwardedPort(qemuArgv(record, vmFolder('/vms/vm1'), run).join(' '))).toBe(2201);
  expect(forwardedPort('qemu -netdev user,id=net,hostfwd=tcp:0.0.0.0:2201-:22')).toBeNull();
});

test('a launched QEMU goes on by itself, and how it ends is heard', async () => {
  const { program } = await fakeQemu({ kvm: { guest: 'hangs' } });
  const how = { program, accelerator: 'kvm', env: process.env } as const;
  const { pid, port, ended } = await launch(record, vmFolder(await scratch()), how, listen());
  expect([isAlive(pid), port > 0]).toEqual([true, true]);
  await endQemu(pid);
  expect(await ended).toEqual({ exitCode: null, signal: 'SIGKILL' });
});

test('a port that another program was quicker with is given up for another', async () => {
  const folder = vmFolder(await scratch());
  // What takes the port is this test, at the first launch.
  const qemu = await fakeQemu({ kvm: { guest: 'hangs' } });
  const thief = createServer();
  onTestFinished(() => void thief.close());
  const taken = await new Promise<number>((resolve) => {
    thief.listen(0, '127.0.0.1', () => resolve((thief.address() as { port: number }).port));
  });
  thief.close();
  await once(thief, 'close');
  const program = join(await scratch(), 'qemu');
  const steal = `const net=require('net');net.createServer().listen(${taken},'127.0.0.1',()=>{require('fs').writeFileSync('${folder.path}/stolen','');setTimeout(()=>process.exit(),20000)})`;
  await writeFile(
    program,
    `#!/bin/sh\n[ -e '${folder.path}/once' ] && exec '${qemu.program}' "$@"\ntouch '${folder.path}/once'\n'${process.execPath}' -e "${steal}" &\nuntil [ -e '${folder.path}/stolen' ]; do sleep 0.05; done\nexit 1\n`,
    { mode: 0o755 },
  );
  const how = { program, accelerator: 'kvm', env: process.env } as const;
  const launched = await launch({ ...record, port: taken }, folder, how, listen());
  expect(launched.port).not.toBe(taken);
  await endQemu(launched.pid);
});

test('a QEMU that does not start is an error with its own words', async () => {
  const { program } = await fakeQemu({ kvm: { guest: 'refuses' } });
  const how = { program, accelerator: 'kvm', env: process.env } as const;
  const folder = vmFolder(await scratch());
  await expect(launch(record, folder, how, listen())).rejects.toMatchObject({
    code: 'vm-start',
    message: expect.stringContaining('Could not access KVM kernel module: Permission denied'),
  });
  expect(await readFile(folder.log, 'utf8')).toContain('Permission denied');
  const missing = { ...how, program: join(folder.path, 'none') };
  await expect(launch(record, folder, missing, listen())).rejects.toMatchObject({ code: 'vm-start' });
});

test('a launch that is interrupted leaves no QEMU', async () => {
  const program = join(await scratch(), 'qemu');
  const folder = vmFolder(await scratch());
  await writeFile(program, `#!/bin/sh\necho $$ > '${folder.pid}'\nexec sleep 600\n`, { mode: 0o755 });
  const how = { program, accelerator: 'kvm', env: process.env } as const;
  const launching = launch(record, folder, how, listen(AbortSignal.timeout(500)));
  await expect(launching).rejects.toMatchObject({ code: 'interrupted' });
  expect(isAlive(Number(await readFile(folder.pid, 'utf8')))).toBe(false);
});

test('of what QEMU writes, warnings and registers are left out', () => {
  const text = [
    "qemu-system-x86_64: warning: host doesn't support requested feature",
    'KVM internal error. Suberror: 1',
    'emulation failure',
    'EAX=00000000 EBX=00000000',
    'ES =0000 00000000 0000ffff 00009300',
    'Code=00 00',
  ].join('\n');
  expect(complaints(text)).toBe('KVM internal error. Suberror: 1 · emulation failure');
  expect(complaints('')).toBe('');
});
