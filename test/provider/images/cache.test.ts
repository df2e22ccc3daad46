import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cached } from '../../../src/provider/images/cache.js';
import { scratch } from '../support.js';

test('an entry is made once', async () => {
  const folder = await scratch();
  let made = 0;
  const make = async (_work: string, image: string) => writeFile(image, `image ${++made}`);
  expect(await cached(folder, 'key', make)).toMatchObject({ cached: false });
  expect(await cached(folder, 'key', make)).toMatchObject({ cached: true });
  expect(made).toBe(1);
});

test('a build that fails leaves no entry and no work folder', async () => {
  const folder = await scratch();
  const failing = cached(folder, 'key', async (work, image) => {
    await writeFile(image, 'half');
    await mkdir(join(work, 'deep'));
    throw new Error('cut');
  });
  await expect(failing).rejects.toThrow('cut');
  expect(await readdir(folder)).toEqual([]);
});

test('of two builds at once the first to end is kept, and both get it', async () => {
  const folder = await scratch();
  const inode = async (file: string) => (await stat(file)).ino;
  const [one, two] = await Promise.all(
    ['one', 'two'].map((text) => cached(folder, 'key', async (_work, image) => writeFile(image, text))),
  );
  expect(await inode(one?.file ?? '')).toBe(await inode(two?.file ?? ''));
  expect(await readdir(folder)).toEqual(['key.qcow2']);
});

test('what a killed build left is swept by the next, and what a living one makes is not', async () => {
  const folder = await scratch();
  const living = spawn('sleep', ['60']);
  const killed = spawn('sleep', ['60']);
  await mkdir(join(folder, `.making-${killed.pid}-0`, 'deep'), { recursive: true });
  await mkdir(join(folder, `.making-${living.pid}-0`));
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  const { file } = await cached(folder, 'key', async (_work, image) => writeFile(image, 'whole'));
  expect(await readFile(file, 'utf8')).toBe('whole');
  expect((await readdir(folder)).sort()).toEqual([`.making-${living.pid}-0`, 'key.qcow2']);
  living.kill();
});
