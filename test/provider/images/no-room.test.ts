import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { bootstrapImage } from '../../../src/provider/images/bootstrap/bootstrap.js';
import { download } from '../../../src/provider/images/published/download.js';
import { listen, scratch } from '../support.js';
import { ranged, serve, sha256 } from './published/web.js';

/** A disk of 3 MiB. */
async function smallDisk(): Promise<string> {
  const folder = join(await scratch(), 'disk');
  await mkdir(folder);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'gclab-test', folder]);
  onTestFinished(() => void execFileSync('umount', [folder]));
  return folder;
}

test('a download that fills the disk says so, and blames no mirror', async () => {
  const content = randomBytes(5_000_000);
  const wanted = {
    url: await serve(ranged(content, [])),
    partFile: join(await smallDisk(), 'part'),
    algorithm: 'sha256',
    sum: sha256(content),
    label: 'test',
    idleMs: 5_000,
  } as const;
  await expect(download(wanted, listen())).rejects.toMatchObject({
    code: 'no-space',
    exitCode: 3,
    hint: expect.stringContaining('GCLAB_HOME'),
  });
});

test('a build that fills the disk says so, whatever its tools said, and leaves nothing there', async () => {
  const recipesFolder = await scratch();
  const cacheFolder = await smallDisk();
  await mkdir(join(recipesFolder, 'bootstrap'));
  const script =
    'for out; do :; done; cat /dev/zero >"$out" 2>/dev/null; echo "dpkg: unrecoverable" >&2; exit 2';
  await writeFile(join(recipesFolder, 'bootstrap', 'build.sh'), script);
  const wanted = {
    suite: 'bookworm',
    architecture: 'amd64',
    kernelOptions: '',
    mirror: 'http://mirror.test/',
  } as const;
  const building = bootstrapImage(wanted, { recipesFolder, cacheFolder, env: process.env }, listen());
  await expect(building).rejects.toMatchObject({
    code: 'no-space',
    message: expect.stringMatching(/^building bootstrap:bookworm: the disk of .* is full .*unrecoverable/),
  });
  expect(await readdir(cacheFolder)).toEqual([]);
});
