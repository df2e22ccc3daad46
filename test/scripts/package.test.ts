import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const Packed = z.tuple([z.object({ files: z.array(z.object({ path: z.string() })) })]);

test('what is shipped runs gclab, and nothing of what builds and tests it', () => {
  const argv = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const [{ files }] = Packed.parse(JSON.parse(execFileSync('npm', argv, { cwd: ROOT, encoding: 'utf8' })));
  const paths = files.map(({ path }) => path);
  const rooms = new Set(paths.map((path) => path.split('/')[0]));
  const known = [
    'LICENSE-APACHE',
    'LICENSE-MIT',
    'README.md',
    'bin',
    'dist',
    'docs',
    'package.json',
    'provision',
  ];
  expect([...rooms].filter((room) => !known.includes(room ?? ''))).toEqual([]);
  expect(paths.filter((path) => /\.ts$|^scripts|^test|toolchains|dev\.js|_test\.go$/.test(path))).toEqual([]);
  expect(paths).toEqual(
    expect.arrayContaining([
      'bin/run.js',
      'provision/images/bootstrap/packages.sh',
      'docs/verdict.md',
      'docs/spike.svg',
    ]),
  );
});

test('what is shipped starts in an empty folder, with nothing installed beside it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gclab-package-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], {
    cwd: ROOT,
    stdio: 'pipe',
  });
  const [tarball = ''] = readdirSync(folder);
  execFileSync('tar', ['-xzf', tarball], { cwd: folder });
  const run = (...args: string[]): string =>
    execFileSync(process.execPath, [join('package', 'bin', 'run.js'), ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
  expect(run('--version')).toMatch(/^gclab\//);
  expect(JSON.parse(run('scenario', 'list', '--json'))).toMatchObject({ schema: 1 });
  expect(run('remote', 'check', '--help')).toContain('--host');
});
