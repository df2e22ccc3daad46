import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunDocument } from '../../src/results/run-folder.js';
import type { CheckDocument } from '../../src/workflows/check.js';
import { leftoverCgroups } from '../support/cgroups.js';
import { gclab } from '../support/cli.js';
import { folderForFile, serverForFile } from '../support/ssh/for-file.js';

const work = await folderForFile();
const applets = join(work, 'applets');
mkdirSync(applets);
execFileSync('busybox', ['--install', '-s', applets]);

/** Hosts with little on them: their shell, and what it finds. */
const HOSTS = [
  ['BusyBox and nothing else', `PATH=${applets} exec ${applets}/ash -c "$SSH_ORIGINAL_COMMAND"`],
  ['mksh for a shell', 'exec mksh -c "$SSH_ORIGINAL_COMMAND"'],
] as const;

describe.each(HOSTS)('a host with %s', async (_, command) => {
  const server = await serverForFile({ config: [`ForceCommand ${command}`] });
  const guestDir = join(server.folder, 'guest');
  const remote = async <Document>(verb: string, ...args: string[]): Promise<Document> => {
    const where = ['--ssh-config', server.sshConfig, '--host', 'guest'];
    const { stdout, stderr, exitCode } = await gclab(['remote', verb, ...where, '--json', ...args], {
      cwd: work,
    });
    expect(exitCode, stderr).toBe(0);
    return JSON.parse(stdout) as Document;
  };

  it('is read, given gcexp, and brings home a verdict; then nothing is left', async () => {
    const [read] = (await remote<CheckDocument>('check')).targets;
    expect(read).toMatchObject({ readiness: { ready: true }, facts: { cgroup: { proof: 'probe' } } });
    expect(read?.facts?.user.name).toBe('root');
    const document = await remote<RunDocument>('run', '--guest-dir', guestDir, '--trials', '2');
    expect(document.targets).toMatchObject([
      { outcome: 'completed', verdict: { trials: 2 }, guest: { left: false } },
    ]);
    expect(leftoverCgroups(document.run.id)).toEqual([]);
    await remote('clean', '--guest-dir', guestDir);
    expect(existsSync(guestDir)).toBe(false);
  });
});
