import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bootstrapImage } from '../../../../src/provider/images/bootstrap/bootstrap.js';
import { mirrorIn } from '../../../../src/provider/images/bootstrap/mirror.js';
import { recipeKey } from '../../../../src/provider/images/bootstrap/recipe.js';
import { listen, RECIPES, scratch } from '../../support.js';

const wanted = {
  suite: 'bookworm' as const,
  architecture: 'amd64' as const,
  kernelOptions: '',
  mirror: 'http://mirror.test/debian',
};

/** A recipe whose build is this shell text; it finds its flags as the real one does. */
async function recipe(build: string) {
  const recipesFolder = await scratch();
  await mkdir(join(recipesFolder, 'bootstrap'));
  await writeFile(join(recipesFolder, 'bootstrap', 'build.sh'), build);
  return { recipesFolder, cacheFolder: join(recipesFolder, 'images'), env: process.env };
}

const WRITES_ITS_FLAGS = 'echo "stage packages"; for out; do :; done; printf "%s|" "$@" > "$out"';

test('the recipe gets what was asked for, and its stages are told', async () => {
  const places = await recipe(WRITES_ITS_FLAGS);
  const work = listen();
  const image = await bootstrapImage({ ...wanted, kernelOptions: 'a=1 b="c d"' }, places, work);
  expect(await readFile(image.file, 'utf8')).toMatch(
    /^--suite\|bookworm\|--arch\|amd64\|--mirror\|http:\/\/mirror.test\/debian\|--kernel-options\|a=1 b="c d"\|--work\|/,
  );
  expect(work.told).toContainEqual({ doing: 'building bootstrap:bookworm', detail: 'installing packages' });
  expect(await bootstrapImage({ ...wanted, kernelOptions: 'a=1 b="c d"' }, places, work)).toEqual({
    ...image,
    cached: true,
  });
});

test('other options or another content of the recipe make another image', async () => {
  const places = await recipe(WRITES_ITS_FLAGS);
  const one = await bootstrapImage(wanted, places, listen());
  const two = await bootstrapImage({ ...wanted, kernelOptions: 'x' }, places, listen());
  await writeFile(join(places.recipesFolder, 'bootstrap', 'build.sh'), `${WRITES_ITS_FLAGS} # changed`);
  const three = await bootstrapImage(wanted, places, listen());
  expect(new Set([one.file, two.file, three.file]).size).toBe(3);
});

test('a build that fails says why, keeps its log, and leaves no entry', async () => {
  const places = await recipe('echo "E: no such suite" >&2; exit 25');
  const building = bootstrapImage(wanted, places, listen());
  await expect(building).rejects.toMatchObject({
    code: 'image-build',
    message: expect.stringContaining('no such suite'),
  });
  expect(await readdir(places.cacheFolder)).toEqual(['bookworm-build.log']);
  expect(await readFile(join(places.cacheFolder, 'bookworm-build.log'), 'utf8')).toBe('E: no such suite\n');
});

test('a build that is cut leaves no entry, and the next one makes it', async () => {
  const slow =
    'for out; do :; done; echo half > "$out"; echo "stage packages"; sleep "$SLEEP"; echo whole > "$out"';
  const places = await recipe(slow);
  const controller = new AbortController();
  const stages = {
    signal: controller.signal,
    onProgress: ({ detail }: { detail?: string }) => detail && controller.abort(),
    onNote: () => undefined,
  };
  const cut = bootstrapImage(wanted, { ...places, env: { ...process.env, SLEEP: '60' } }, stages);
  await expect(cut).rejects.toMatchObject({ code: 'interrupted' });
  expect(await readdir(places.cacheFolder)).toEqual([]);
  const { file } = await bootstrapImage(wanted, { ...places, env: { ...process.env, SLEEP: '0' } }, listen());
  expect(await readFile(file, 'utf8')).toBe('whole\n');
});

test('the key of the real recipe does not depend on where it lies', async () => {
  const copy = join(await scratch(), 'elsewhere');
  await cp(join(RECIPES, 'bootstrap'), copy, { recursive: true });
  const given = { suite: 'sid' };
  expect(await recipeKey(copy, given)).toBe(await recipeKey(join(RECIPES, 'bootstrap'), given));
});

test('of the repositories that apt names, the first whole Debian release is the mirror', () => {
  const targets = [
    'https://packages.other.test/ stable main Other',
    'http://mirror.test/debian-security/ bookworm-security main Debian',
    'http://mirror.test/debian/ bookworm-updates main Debian',
    'http://mirror.test/debian/ bookworm contrib Debian',
    'http://mirror.test/debian/ bookworm main Debian',
  ];
  expect(mirrorIn(targets.join('\n'))).toBe('http://mirror.test/debian/');
  expect(mirrorIn('')).toBeUndefined();
  expect(mirrorIn('http://archive.test/ubuntu/ noble main Ubuntu')).toBeUndefined();
});
