import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as z from 'zod';

const Dependencies = z.record(z.string(), z.string()).default({});
const Locked = z.object({
  version: z.string().optional(),
  integrity: z.string().optional(),
  dependencies: Dependencies,
  devDependencies: Dependencies,
  optionalDependencies: Dependencies,
});
const Lock = z.object({ lockfileVersion: z.literal(3), packages: z.record(z.string(), Locked) });
type Packages = z.output<typeof Lock>['packages'];

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'));
const { packages } = Lock.parse(read('package-lock.json'));

/** Where Node would find `wanted` from the package at `path`; undefined where the lock has it nowhere. */
function lockedAt(all: Packages, path: string, wanted: string): string | undefined {
  const here = `${path === '' ? '' : `${path}/`}node_modules/${wanted}`;
  if (Object.hasOwn(all, here)) return here;
  return path === ''
    ? undefined
    : lockedAt(all, path.slice(0, Math.max(0, path.lastIndexOf('node_modules/') - 1)), wanted);
}

/** `npm ci` refuses a lock that lacks one of these, on the platform that the package is for. */
function missing(all: Packages): string[] {
  return Object.entries(all).flatMap(([path, { dependencies, devDependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })
      .filter((name) => lockedAt(all, path, name) === undefined)
      .map((name) => `${path} needs ${name}`),
  );
}

const REMEDY = 'make the lock anew: rm -rf node_modules package-lock.json && npm install';

test('the lock holds every package that any platform needs', () => {
  expect(missing(packages), REMEDY).toEqual([]);
  expect(Object.keys(packages)).toContain('node_modules/@biomejs/cli-darwin-arm64');
});

test('every locked package has its version and its integrity', () => {
  const bare = Object.entries(packages).filter(
    ([path, { version, integrity }]) => path !== '' && (!version || !integrity?.startsWith('sha512-')),
  );
  expect(bare.map(([path]) => path)).toEqual([]);
});

test('the lock wants what package.json wants', () => {
  const wanted = Locked.parse(read('package.json'));
  const root = packages[''];
  expect(root?.dependencies).toEqual(wanted.dependencies);
  expect(root?.devDependencies).toEqual(wanted.devDependencies);
});

test('a lock without the package of another platform is noticed, at whatever depth', () => {
  const without = (path: string): Packages =>
    Object.fromEntries(Object.entries(packages).filter(([each]) => each !== path));
  expect(missing(without('node_modules/@biomejs/cli-win32-x64'))).toEqual([
    'node_modules/@biomejs/biome needs @biomejs/cli-win32-x64',
  ]);
  const bare = { dependencies: {}, devDependencies: {}, optionalDependencies: {} };
  const deep = {
    '': bare,
    'node_modules/a': bare,
    'node_modules/a/node_modules/b': { ...bare, optionalDependencies: { c: '1' } },
  };
  expect(missing(deep)).toEqual(['node_modules/a/node_modules/b needs c']);
  expect(missing({ ...deep, 'node_modules/a/node_modules/c': bare })).toEqual([]);
  expect(missing({ ...deep, 'node_modules/c': bare })).toEqual([]);
});
