import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { consoleOf } from '../../../src/provider/vm/console.js';
import { scratch } from '../support.js';

const BOOT = '\u001b[2J\u001b[01;01HBdsDxe: starting\r\n[    0.000000] Linux version 6.1\r\n';
const PANIC = '[    3.1] Kernel panic - not syncing: VFS: Unable to mount root fs\r\n';

async function log(text: string): Promise<string> {
  const file = join(await scratch(), 'console.log');
  await writeFile(file, text, 'latin1');
  return file;
}

test('the last line that says something is told without what moves the cursor', async () => {
  expect(
    await consoleOf(await log(`${BOOT}\u001b[0;32mOK\u001b[0m \u0007started\u001b[K\r\n\r\n`)).lastLine(),
  ).toBe('OK started');
  expect(await consoleOf('/nowhere/console.log').lastLine()).toBeUndefined();
});

test('a kernel has given up when it says so, not when it is about to reboot by itself', async () => {
  const rebooting = await log(`${BOOT}${PANIC}[    3.2] Rebooting in 30 seconds..\r\n`);
  expect(await consoleOf(rebooting).gaveUp()).toBeUndefined();
  const end = '[    3.2] ---[ end Kernel panic - not syncing: VFS: Unable to mount root fs ]---\r\n';
  expect(await consoleOf(await log(BOOT + PANIC + end)).gaveUp()).toBe(
    'Kernel panic - not syncing: VFS: Unable to mount root fs',
  );
});

test('a panic that another boot came after is none', async () => {
  const file = await log(`---[ end Kernel panic - not syncing: old ]---\r\n${BOOT}`);
  expect(await consoleOf(file).gaveUp()).toBeUndefined();
});

test('what an earlier boot wrote does not count, however long the log is', async () => {
  const before = `${'x'.repeat(9_000)}\r\n---[ end Kernel panic - not syncing: old ]---\r\n`;
  const file = await log(before);
  const console = consoleOf(file, before.length);
  expect([await console.gaveUp(), await console.lastLine()]).toEqual([undefined, undefined]);
  await appendFile(file, BOOT);
  expect([await console.gaveUp(), await console.lastLine()]).toEqual([
    undefined,
    '[    0.000000] Linux version 6.1',
  ]);
});
