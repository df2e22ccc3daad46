import { existsSync } from 'node:fs';
import { appendFile, chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { hostTarget, LOCAL } from '../../src/inventory/targets.js';
import { clean } from '../../src/workflows/clean.js';
import { freePort } from '../support/ssh/sshd.js';
import { requestFor } from './support.js';

const line = (kind: string, id: string, action = 'make'): string =>
  `{"schema":1,"at":"2026-01-01T00:00:00Z","action":"${action}","kind":"${kind}","id":"${id}"}\n`;

/** gclab's folder on this machine, with a program and what its ledger says beside that. */
async function guestFolder(...lines: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gclab-guest-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'bin', 'gcexp-0'), '');
  await writeFile(join(folder, 'ledger.ndjson'), line('program', 'gcexp-0') + lines.join(''));
  return folder;
}

test('what the ledger names is removed, and where it names nothing more it goes', async () => {
  const guestDir = await guestFolder();
  const document = await clean({ ...requestFor([LOCAL]), guestDir });
  expect(document.targets).toMatchObject([
    { outcome: 'completed', removed: [join(guestDir, 'bin', 'gcexp-0')], kept: [], error: null },
  ]);
  expect(existsSync(join(guestDir, 'ledger.ndjson'))).toBe(false);
  const again = await clean({ ...requestFor([LOCAL]), guestDir });
  expect(again.targets).toMatchObject([{ outcome: 'completed', removed: [], kept: [] }]);
});

test('the lines of a run whose folder somebody removed by hand go too', async () => {
  const guestDir = await guestFolder();
  const program = join(guestDir, 'bin', 'gcexp-0');
  await copyFile(join('dist', `gcexp-linux-${process.arch === 'x64' ? 'amd64' : process.arch}`), program);
  await chmod(program, 0o700);
  const path = join(guestDir, 'runs', 'r1');
  await appendFile(join(guestDir, 'ledger.ndjson'), line('run', 'r1').replace('}', `,"path":"${path}"}`));
  const document = await clean({ ...requestFor([LOCAL]), guestDir });
  expect(document.targets).toMatchObject([{ outcome: 'completed', removed: [path, program], kept: [] }]);
  expect(existsSync(join(guestDir, 'ledger.ndjson'))).toBe(false);
});

test('what others changed stays in the ledger, and each is told with the command that undoes it', async () => {
  const options = line('kernel-options', 'prepare-1');
  const trial = line('trial-boot', 'trial-1');
  const future = line('lease', 'l1');
  const guestDir = await guestFolder(options, trial, future);
  const [record] = (await clean({ ...requestFor([LOCAL]), guestDir })).targets;
  expect(record?.kept).toEqual([
    'the kernel options that prepare-1 changed: gclab remote revert --host local undoes that',
    'the trial boot that trial-1 chose: gclab remote revert --host local undoes that',
    'lease l1, which only a newer gclab knows how to undo',
  ]);
  expect(await readFile(join(guestDir, 'ledger.ndjson'), 'utf8')).toBe(options + trial + future);
});

test('a line that nobody can read is kept, and shown', async () => {
  const guestDir = await guestFolder('{"schema":1,"half of a li\n');
  const [record] = (await clean({ ...requestFor([LOCAL]), guestDir })).targets;
  expect(record?.kept).toEqual([
    `${guestDir}/ledger.ndjson, which has a line that cannot be read: {"schema":1,"half of a li`,
  ]);
  expect(await readFile(join(guestDir, 'ledger.ndjson'), 'utf8')).toBe('{"schema":1,"half of a li\n');
});

test('a target that nobody answers at does not keep another from being cleaned', async () => {
  const guestDir = await guestFolder();
  const nowhere = hostTarget(`127.0.0.1:${await freePort()}`);
  const document = await clean({ ...requestFor([nowhere, LOCAL]), guestDir });
  expect(document.targets).toMatchObject([
    { id: nowhere.id, outcome: 'unreachable', removed: [], kept: [] },
    { id: 'local', outcome: 'completed', removed: [join(guestDir, 'bin', 'gcexp-0')] },
  ]);
});
