import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { startPlayedGuest } from '../../../scripts/build/training/guest.js';
import { gclab } from '../../support/cli.js';

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

test('V8 takes what the build kept of each bundle', () => {
  // In a file, since `node -e` has a global `module`, which the bundle asks for.
  const program = join(mkdtempSync(join(tmpdir(), 'gclab-code-cache-')), 'program.cjs');
  onTestFinished(() => rmSync(dirname(program), { recursive: true }));
  writeFileSync(
    program,
    `const { ALL, OVERVIEW, loadBundle } = require(${JSON.stringify(join(ROOT, 'bin', 'load.js'))});
    const load = (name) => loadBundle(${JSON.stringify(join(ROOT, 'dist', 'cli'))}, name).script;
    process.stdout.write(JSON.stringify([ALL, OVERVIEW].map((name) => load(name).cachedDataRejected)));`,
  );
  expect(execFileSync(process.execPath, [program], { encoding: 'utf8' })).toBe('[false,false]');
});
