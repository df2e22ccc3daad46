import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import load from '../../../bin/load.js';
import { startPlayedGuest } from '../../../scripts/build/training/guest.js';
import { gclab } from '../../support/cli.js';

const BUNDLES = [load.ALL, load.OVERVIEW];
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

test('the guest that the build plays is one on which a run is completed', async () => {
  const guest = await startPlayedGuest();
  const out = mkdtempSync(join(tmpdir(), 'gclab-played-out-'));
  onTestFinished(() => {
    guest.stop();
    rmSync(out, { recursive: true });
  });
  const argv = ['remote', 'run', ...guest.flags, '--out', out, '--json'];
  const { exitCode, stderr, stdout } = await gclab(argv);
  expect(stderr).toContain('follow: the supervisor is done');
  expect(JSON.parse(stdout)).toMatchObject({
    targets: [{ outcome: 'completed', verdict: { kind: 'oom-killed', killed: 1 } }],
  });
  expect(exitCode).toBe(0);
});

test('V8 takes what the build kept of each bundle, where it is the one that built it', () => {
  const folder = join(ROOT, 'dist', 'cli');
  // In a file, since `node -e` has a global `module`, which the bundle asks for.
  const program = join(mkdtempSync(join(tmpdir(), 'gclab-code-cache-')), 'program.cjs');
  onTestFinished(() => rmSync(dirname(program), { recursive: true }));
  writeFileSync(
    program,
    `const { loadBundle } = require(${JSON.stringify(join(ROOT, 'bin', 'load.js'))});
    const load = (name) => loadBundle(${JSON.stringify(folder)}, name).script;
    const rejected = ${JSON.stringify(BUNDLES)}.map((name) => load(name).cachedDataRejected ?? null);
    process.stdout.write(JSON.stringify(rejected));`,
  );
  const rejected = JSON.parse(execFileSync(process.execPath, [program], { encoding: 'utf8' }));
  const isBuiltBySelf = existsSync(load.codeCacheFile(folder, load.ALL));
  expect(rejected).toEqual(BUNDLES.map(() => (isBuiltBySelf ? false : null)));
  const [cache = ''] = readdirSync(folder).filter((name) => name.startsWith('code-cache-'));
  expect(readdirSync(join(folder, cache)).sort()).toEqual(BUNDLES.toSorted());
});
