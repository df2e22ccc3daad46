import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { obtainImage } from '../../../../src/provider/images/obtain.js';
import { listen, placesIn, scratch } from '../../support.js';
import { ranged, serve, sha256 } from './web.js';

const wanted = { image: 'ubuntu:24.04', kernelOptions: '' };
const file = 'ubuntu-24.04-server-cloudimg-amd64.img';
const controller = { architecture: 'amd64' as const, platform: 'linux', ordinaryUser: null };

/** A mirror laid out as Ubuntu's; what it serves can be changed. */
async function mirrorOf(state: { content: Buffer; sums?: string; down?: boolean }, seen: string[] = []) {
  return serve((request, response) => {
    if (state.down === true) return void response.writeHead(503).end();
    if (request.url === '/24.04/release/SHA256SUMS') {
      return void response.end(
        state.sums ?? `${sha256(state.content)} *${file}\n${'1'.repeat(64)} *other.img\n`,
      );
    }
    if (request.url !== `/24.04/release/${file}`) return void response.writeHead(404).end();
    ranged(state.content, seen)(request, response);
  });
}

test('a published image is fetched once and then taken from the cache', async () => {
  const seen: string[] = [];
  const content = randomBytes(200_000);
  const places = placesIn(await scratch(), { controller, mirror: await mirrorOf({ content }, seen) });
  const first = await obtainImage(wanted, places, listen());
  expect(first).toMatchObject({ cached: false, hasKernelOptions: true });
  expect(content.equals(await readFile(first.file))).toBe(true);
  expect((await stat(first.file)).mode & 0o222).toBe(0);
  expect(await obtainImage(wanted, places, listen())).toMatchObject({ file: first.file, cached: true });
  expect(seen).toEqual(['all']);
});

test('a newly published image comes beside the old one, on which VMs may lie', async () => {
  const state = { content: randomBytes(1_000) };
  const places = placesIn(await scratch(), { controller, mirror: await mirrorOf(state) });
  const old = await obtainImage(wanted, places, listen());
  const before = await readFile(old.file);
  state.content = randomBytes(1_000);
  const fresh = await obtainImage(wanted, places, listen());
  expect(fresh.file).not.toBe(old.file);
  expect(await readFile(old.file)).toEqual(before);
});

test('without an answer the image that was fetched before is taken', async () => {
  const state = { content: randomBytes(1_000), down: false };
  const places = placesIn(await scratch(), { controller, mirror: await mirrorOf(state) });
  const first = await obtainImage(wanted, places, listen());
  state.down = true;
  const work = listen();
  expect(await obtainImage(wanted, places, work)).toMatchObject({ file: first.file, cached: true });
  expect(work.told.at(-1)?.detail).toContain('fetched before');
});

test('a wrong sum leaves nothing in the cache', async () => {
  const home = await scratch();
  const mirror = await mirrorOf({ content: randomBytes(1_000), sums: `${'0'.repeat(64)} *${file}\n` });
  const obtaining = obtainImage(wanted, placesIn(home, { controller, mirror }), listen());
  await expect(obtaining).rejects.toMatchObject({ code: 'checksum-wrong' });
  expect(await readdir(join(home, 'images'))).toEqual(['parts']);
  expect(await readdir(join(home, 'images', 'parts'))).toEqual([]);
});

test('sums that do not list the image are a failure that names the mirror', async () => {
  const mirror = await mirrorOf({ content: randomBytes(10), sums: `${'1'.repeat(64)} *other.img\n` });
  const obtaining = obtainImage(wanted, placesIn(await scratch(), { controller, mirror }), listen());
  await expect(obtaining).rejects.toMatchObject({
    code: 'download-failed',
    hint: expect.stringContaining('--mirror'),
  });
});

test('what a killed gclab had fetched is gone on with', async () => {
  const home = await scratch();
  const seen: string[] = [];
  const content = randomBytes(10_000);
  const places = placesIn(home, { controller, mirror: await mirrorOf({ content }, seen) });
  const { file: name } = await obtainImage(wanted, places, listen());
  const elsewhere = placesIn(await scratch(), { controller, mirror: places.mirror });
  const parts = join(elsewhere.homeFolder, 'images', 'parts');
  await mkdir(parts, { recursive: true });
  const key = name.replace(/^.*\//, '').replace(/\.qcow2$/, '');
  // No process has this id: it is beyond what Linux hands out.
  await writeFile(join(parts, `${key}.4194305`), content.subarray(0, 6_000));
  await obtainImage(wanted, elsewhere, listen());
  expect(seen).toEqual(['all', 'bytes=6000-']);
});

test.each([
  'ubuntu',
  'ubuntu:23.10',
  'fedora:40',
  'bootstrap:jessie',
  'ubuntu:__proto__',
  'constructor:1',
  '../x:1',
])('the image %s is refused as wrong usage', async (image) => {
  const places = placesIn(await scratch(), { controller });
  await expect(obtainImage({ image, kernelOptions: '' }, places, listen())).rejects.toMatchObject({
    code: 'image-unknown',
    exitCode: 2,
  });
});
