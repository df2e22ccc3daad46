import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { locked } from '../../../../src/provider/qemu/process/lock.js';
import { listen, scratch } from '../../support.js';

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
  ).rejects.toMatchObject({ code: 'interrupted' });
  await Promise.all([first, hold('two'), hold('three')]);
  expect(order.filter((_entry, at) => at % 2 === 0).map((entry) => entry.split(' ')[0])).toEqual(
    order.filter((_entry, at) => at % 2 === 1).map((entry) => entry.split(' ')[0]),
  );
  expect(order).toHaveLength(6);
});

/** A lock whose holder was killed. */
async function leftLock(): Promise<string> {
  const path = join(await scratch(), 'lock');
  const holder = spawn(process.execPath, [
    '-e',
    `require('net').createServer().listen(${JSON.stringify(path)},()=>console.log('held'))`,
  ]);
  await once(holder.stdout, 'data');
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  return path;
}

test('the lock of a killed process is taken over', async () => {
  expect(await locked(await leftLock(), listen(), async () => 'mine')).toBe('mine');
});

test('many that find the lock of a killed process take it over one after another', async () => {
  const path = await leftLock();
  let inside = 0;
  let most = 0;
  const hold = () =>
    locked(path, listen(), async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside -= 1;
    });
  await Promise.all(Array.from({ length: 20 }, hold));
  expect([inside, most]).toEqual([0, 1]);
});

test('who was killed while removing it holds up the others for a while only', async () => {
  const path = await leftLock();
  await mkdir(`${path}.removal`);
  await utimes(`${path}.removal`, 1, 1);
  expect(await locked(path, listen(), async () => 'mine')).toBe('mine');
});
