import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { architectureOf } from '../../../../src/provider/controller/places.js';
import { tryAccelerator } from '../../../../src/provider/qemu/accelerator/trial.js';
import { findFirmware } from '../../../../src/provider/qemu/firmware.js';
import { qemuProgram } from '../../../../src/provider/qemu/process/argv.js';
import { fakeQemu, type Plays } from '../../../support/qemu/fake.js';
import { listen, scratch } from '../../support.js';

async function played(firmware: NonNullable<Plays[string]>['firmware'], boundMs = 60_000) {
  const qemu = await fakeQemu({ kvm: firmware === undefined ? {} : { firmware } });
  return {
    program: qemu.program,
    env: process.env,
    architecture: 'amd64',
    firmware: await findFirmware(qemu.program, 'amd64'),
    accelerator: 'kvm',
    cpus: 3,
    boundMs,
  } as const;
}

test('the firmware that guests have comes to its first words on every CPU, emulated', {
  timeout: 240_000,
}, async () => {
  const architecture = architectureOf(process.arch);
  const program = qemuProgram(architecture);
  const trial = {
    program,
    env: process.env,
    architecture,
    accelerator: 'tcg',
    cpus: 4,
    boundMs: 180_000,
  } as const;
  const seen = await tryAccelerator(
    { ...trial, firmware: await findFirmware(program, architecture) },
    await scratch(),
    listen(),
  );
  expect(seen).toMatchObject({ accelerator: 'tcg', works: true, cpus: 4, ran: 'firmware' });
});

test('an accelerator that stops at the firmware is seen to, with what QEMU says and an empty console', async () => {
  const seen = await tryAccelerator(await played('stops'), await scratch(), listen());
  expect(seen).toMatchObject({ works: false, ran: 'firmware' });
  expect(seen.what).toMatch(
    /^QEMU stopped the firmware \(internal-error\) after .*; KVM internal error\. Suberror: 1 · emulation failure; its console is empty$/,
  );
});

test('an accelerator under which the firmware never speaks is given up in time', async () => {
  const seen = await tryAccelerator(await played('hangs', 1_000), await scratch(), listen());
  expect(seen).toMatchObject({ works: false, ran: 'firmware' });
  expect(seen.what).toMatch(/^the firmware did not come to its first words within .*; its console is empty$/);
});

test('a QEMU that falls over the firmware is told with its last words', async () => {
  const seen = await tryAccelerator(await played('aborts'), await scratch(), listen());
  expect(seen).toMatchObject({
    works: false,
    ran: 'firmware',
    what: expect.stringMatching(/SIGABRT; .*Assertion/),
  });
});

test('what QEMU refuses has not run', async () => {
  const seen = await tryAccelerator(await played('refuses'), await scratch(), listen());
  expect(seen).toEqual({
    accelerator: 'kvm',
    works: false,
    cpus: 3,
    ran: null,
    what: 'Could not access KVM kernel module: Permission denied',
  });
});

test('firmware that says nothing is told from firmware that boots', async () => {
  const trial = await played('boots');
  expect(await tryAccelerator(trial, await scratch(), listen())).toMatchObject({ works: true });
  const silent = join(await scratch(), 'exits');
  await writeFile(silent, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  const ended = await tryAccelerator({ ...trial, program: silent }, await scratch(), listen());
  expect(ended).toMatchObject({ works: false, what: 'QEMU ended with exit code 0' });
});

test('an interruption ends a trial at once', async () => {
  const trying = tryAccelerator(await played('hangs'), await scratch(), listen(AbortSignal.timeout(300)));
  await expect(trying).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 });
});
