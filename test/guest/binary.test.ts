import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { binaryFor } from '../../src/guest/binary.js';

const CONTENT = Buffer.from('a program');
const SUM = createHash('sha256').update(CONTENT).digest('hex');

/** A folder with a build, and what stands in its `.sha256`. */
async function dist(content: Buffer, written?: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gclab-dist-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'gcexp-linux-amd64'), content);
  if (written !== undefined) await writeFile(join(folder, 'gcexp-linux-amd64.sha256'), written);
  return folder;
}

test.each([
  ['as the build wrote it down', SUM],
  ['of the file itself where nobody did', undefined],
  ['of the file itself where that makes no sense', 'nonsense'],
])('its sum is known, %s', async (_, written) => {
  const binary = await binaryFor('amd64', await dist(CONTENT, written));
  expect(binary.sha256).toBe(SUM);
  expect(await binary.bytes()).toEqual(CONTENT);
});

test('a file that is not what was built is uploaded nowhere', async () => {
  const binary = await binaryFor('amd64', await dist(Buffer.from('half a prog'), SUM));
  await expect(binary.bytes()).rejects.toMatchObject({
    code: 'no-binary',
    message: expect.stringContaining('is not what was built'),
    hint: 'build it with: npm run build',
  });
});

test('one that is not there is told with what to do', async () => {
  await expect(binaryFor('arm64', await dist(CONTENT))).rejects.toMatchObject({
    code: 'no-binary',
    message: expect.stringContaining('cannot be read'),
  });
});
