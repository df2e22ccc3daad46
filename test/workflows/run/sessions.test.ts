import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { gclab } from '../../support/cli.js';
import { folderForFile, serverForFile } from '../../support/ssh/for-file.js';

const folder = await folderForFile();
const server = await serverForFile();
const strict = await serverForFile({ config: ['MaxSessions 1'] });

function run(sshConfig: string, guest: string): ReturnType<typeof gclab> {
  const where = ['--ssh-config', sshConfig, '--host', 'guest', '--guest-dir', join(folder, guest)];
  return gclab(['remote', 'run', ...where, '--limit', '8MiB', '--out', join(folder, 'out')]);
}

it('takes at most three sessions of a server for a warm run, and leaves nothing of the run there', async () => {
  expect(await run(server.sshConfig, 'guest')).toMatchObject({ exitCode: 0 });
  const before = server.log().length;
  expect(await run(server.sshConfig, 'guest')).toMatchObject({ exitCode: 0 });
  const sessions = server.log().slice(before).split('Starting session: command').length - 1;
  expect(sessions).toBeGreaterThan(0);
  expect(sessions).toBeLessThanOrEqual(3);
  expect(readdirSync(join(folder, 'guest', 'runs'))).toEqual([]);
});

it('works on a server that allows one session at a time', async () => {
  const ended = await run(strict.sshConfig, 'strict');
  expect(ended).toMatchObject({ exitCode: 0 });
  expect(ended.stderr).toContain('the run is gone from the guest');
  expect(readdirSync(join(folder, 'strict', 'runs'))).toEqual([]);
});
