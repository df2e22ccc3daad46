import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { RunDocument } from '../../src/results/run-folder.js';
import { leftoverCgroups } from '../support/cgroups.js';
import { type CliOptions, type CliResult, gclab } from '../support/cli.js';
import { OWN_MOUNTS } from '../support/mounts.js';
import { folderForFile, serverForFile } from '../support/ssh/for-file.js';
import { freePort, makeKey, publicKey } from '../support/ssh/sshd.js';

const server = await serverForFile();
const work = await folderForFile();
chmodSync(work, 0o777);

interface Failure {
  readonly exitCode: number | null;
  readonly code: string | undefined;
  readonly outcome: string | null | undefined;
  readonly message: string;
  readonly hint: string;
}

/** Runs with --json and takes the one target's error, or the command's, apart. */
async function failure(args: readonly string[], options: CliOptions = {}): Promise<Failure> {
  return failureOf(await gclab(['remote', 'run', '--json', ...args], { cwd: work, ...options }));
}

function failureOf(result: CliResult): Failure {
  const document = JSON.parse(result.stdout) as RunDocument & {
    error?: RunDocument['targets'][number]['error'];
  };
  const target = document.targets?.[0];
  const error = target?.error ?? document.error;
  expect(result.stderr).not.toMatch(/^\s+at .*\(/m);
  return {
    exitCode: result.exitCode,
    code: error?.code,
    outcome: target?.outcome,
    message: error?.message ?? '',
    hint: error?.hint ?? '',
  };
}

function sshConfig(name: string, text: string): string {
  const file = join(work, name);
  writeFileSync(file, text);
  return file;
}

/** The server's own configuration with lines before it: the first of an option wins. */
function overSshd(name: string, ...lines: string[]): string[] {
  const file = sshConfig(
    name,
    `Host guest\n${lines.map((line) => `  ${line}\n`).join('')}Include ${server.sshConfig}\n`,
  );
  return ['--host', 'guest', '--ssh-config', file];
}

describe('a flag', () => {
  it.each([
    [['--limit', '$(id)'], '--limit: reading the command line: "$(id)" is no size'],
    [['--trials', '0'], '--trials: Expected an integer greater than or equal to 1 but received: 0'],
    [['--nope'], 'Nonexistent flag: --nope'],
    ...['/', 'here', '/nope/../here', '/a\nb', '/a"b', '/a\\b'].map(
      (dir) =>
        [
          ['--guest-dir', dir],
          `--guest-dir: reading the command line: ${JSON.stringify(dir)} is no absolute path of a folder without quotes, backslashes and control characters`,
        ] as [string[], string],
    ),
  ])('that cannot be used is named in one line: %j', async (args, message) => {
    expect(await failure(['--host', 'local', ...args])).toMatchObject({
      exitCode: 2,
      code: 'bad-flag',
      message,
    });
  });
});

describe('a host that cannot be reached', () => {
  it('is said to be unknown when nobody knows the alias', async () => {
    const failed = await failure(['--host', 'no-such-alias.invalid']);
    expect(failed).toMatchObject({ exitCode: 4, code: 'unknown-host', outcome: 'unreachable' });
    expect(failed.message).toContain('no-such-alias.invalid');
    expect(failed.hint).not.toBe('');
  });

  it('is told apart when it refuses the connection', async () => {
    const port = await freePort();
    const failed = await failure(['--host', `root@127.0.0.1:${port}`]);
    expect(failed).toMatchObject({ exitCode: 4, code: 'connection-refused', outcome: 'unreachable' });
  });

  it('is told once for each of many, with nothing from Node between', async () => {
    const hosts = Array.from({ length: 15 }, (_, index) => ['--host', `127.0.0.1:${index + 1}`]).flat();
    const result = await gclab(['remote', 'check', ...hosts, '--json'], { cwd: work });
    expect(result.stderr).not.toContain('Warning');
    const { targets } = JSON.parse(result.stdout) as RunDocument;
    expect(targets.map(({ error }) => error?.code)).toEqual(Array(15).fill('connection-refused'));
  });

  it('is told apart when it refuses the key', async () => {
    const key = makeKey(join(work, 'wrong-key'));
    const lines = ['HostName 127.0.0.1', `Port ${server.port}`, `IdentityFile ${key}`, 'IdentitiesOnly yes'];
    const config = sshConfig(
      'wrong',
      `Host guest\n  ${[...lines, `UserKnownHostsFile ${server.knownHosts}`].join('\n  ')}\n`,
    );
    const failed = await failure(['--host', 'guest', '--ssh-config', config]);
    expect(failed).toMatchObject({ exitCode: 4, code: 'auth-failed', outcome: 'unreachable' });
    expect(failed.message).toContain('publickey');
  });

  it('is refused while its host key is unknown, and accepted once when asked to', async () => {
    const knownHosts = join(work, 'known_hosts');
    writeFileSync(knownHosts, '');
    const args = overSshd('unknown', `UserKnownHostsFile ${knownHosts}`);
    expect(await failure(args)).toMatchObject({
      exitCode: 4,
      code: 'host-key-unknown',
      outcome: 'unreachable',
    });
    expect(await failure([...args, '--accept-new'])).toMatchObject({ exitCode: 0, outcome: 'completed' });
    expect(await failure(args)).toMatchObject({ exitCode: 0, outcome: 'completed' });
  });

  it('is always refused when its host key has changed', async () => {
    const knownHosts = join(work, 'changed_hosts');
    const other = publicKey(makeKey(join(work, 'other-host-key')));
    writeFileSync(knownHosts, `[127.0.0.1]:${server.port} ${other}\n`);
    const args = [...overSshd('changed', `UserKnownHostsFile ${knownHosts}`), '--accept-new'];
    const failed = await failure(args);
    expect(failed).toMatchObject({ exitCode: 4, code: 'host-key-changed', outcome: 'unreachable' });
    expect(failed.message + failed.hint).toContain(knownHosts);
  });

  it.each(['-oProxyCommand=touch /tmp/x', 'a b', '$(id)', "quo'te", 'new\nline', '`id`'])(
    'is never a command: %j',
    async (host) => {
      const failed = await failure([`--host=${host}`]);
      expect([2, 4]).toContain(failed.exitCode);
      expect(failed.message).not.toBe('');
    },
  );
});

describe('a guest that cannot do it', () => {
  /** A folder of programs that stand before the real ones on the guest's PATH. */
  function shadow(name: string, script: string): string {
    const folder = mkdtempSync(join(work, 'shadow-'));
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return `${folder}:${process.env['PATH']}`;
  }

  it.each([
    ['a Mac', 'Darwin'],
    ['a BSD', 'FreeBSD'],
  ])('is refused with the reason when it is %s', async (_, name) => {
    const PATH = shadow('uname', `echo ${name} 1.0 x86_64`);
    const failed = await failure(['--host', 'local'], { env: { PATH } });
    expect(failed).toMatchObject({ exitCode: 3, code: 'not-linux', outcome: 'not-ready' });
  });

  it('is refused when there is no program for its architecture', async () => {
    const PATH = shadow('uname', 'echo Linux 6.1.0 riscv64');
    const failed = await failure(['--host', 'local'], { env: { PATH } });
    expect(failed).toMatchObject({ exitCode: 3, code: 'no-binary', outcome: 'not-ready' });
    expect(failed.message).toContain('riscv64');
  });

  it('is refused when the limit is above its memory', async () => {
    const failed = await failure(['--host', 'local', '--limit', '900TiB']);
    expect(failed).toMatchObject({ exitCode: 3, code: 'limit-above-memory', outcome: 'not-ready' });
  });

  it('names the smallest limit that works when the Go runtime cannot even start', async () => {
    const failed = await failure(['--host', 'local', '--limit', '512KiB']);
    expect(failed).toMatchObject({ exitCode: 2, code: 'limit-too-small', outcome: 'failed' });
    expect(failed.message + failed.hint).toMatch(/\d+(\.\d+)? ?(KiB|MiB|bytes)/);
  });

  it('is left clean by a run that failed there', async () => {
    const dir = join(work, 'failed');
    const args = ['--host', 'local', '--limit', '512KiB', '--guest-dir', `${dir}/`];
    const result = await gclab(['remote', 'run', '--json', ...args], { cwd: work });
    const [target] = (JSON.parse(result.stdout) as RunDocument).targets;
    expect(target).toMatchObject({ error: { code: 'limit-too-small' }, guest: { left: false } });
    expect(readdirSync(join(dir, 'runs'))).toEqual([]);
  });

  it('says that the interactive port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const failed = await failure(['--host', 'local', '--interactive', '--port', String(port)]);
    taken.close();
    expect(failed).toMatchObject({ exitCode: 5, code: 'port-in-use', outcome: 'failed' });
    expect(failed.message).toContain(String(port));
  });
});

/** Mounts and namespaces of this file's own. */
describe('a guest whose file systems stand in the way', () => {
  let mounts: string[] = [];
  afterAll(() => {
    for (const folder of mounts) execFileSync('umount', [folder]);
    mounts = [];
  });

  function tmpfs(name: string, options: string): string {
    const folder = join(work, name);
    mkdirSync(folder);
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'gclab-test', folder]);
    mounts.push(folder);
    return folder;
  }

  it('has no room for the program', async () => {
    const folder = tmpfs('small', 'size=1m');
    const failed = await failure(['--host', 'local', '--guest-dir', join(folder, 'gclab')]);
    expect(failed).toMatchObject({ exitCode: 3, code: 'no-space', outcome: 'not-ready' });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('does not let programs start', async () => {
    const folder = tmpfs('noexec', 'noexec');
    const failed = await failure(['--host', 'local', '--guest-dir', join(folder, 'gclab')]);
    expect(failed).toMatchObject({ exitCode: 3, code: 'no-exec', outcome: 'not-ready' });
    expect(failed.hint).toContain('--guest-dir');
  });

  it('has a read-only cgroup tree', () => {
    const remount =
      'for at in $(awk \'$5 ~ "^/sys/fs/cgroup" { print $5 }\' /proc/self/mountinfo); do mount -o bind,remount,ro "$at"; done';
    const run = `${remount}; exec ${process.execPath} ${join(process.cwd(), 'bin/run.js')} remote run --host local --json`;
    const [program = '', ...args] = [...OWN_MOUNTS, 'sh', '-c', run];
    let stdout = '';
    let exitCode: number | null = 0;
    try {
      stdout = execFileSync(program, args, {
        cwd: work,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    } catch (error) {
      ({ stdout, status: exitCode } = error as { stdout: string; status: number });
    }
    const failed = failureOf({ exitCode, signal: null, stdout, stderr: '' });
    expect(failed).toMatchObject({ exitCode: 3, code: 'cgroup-read-only', outcome: 'not-ready' });
  });

  it('cannot take the results on this side', async () => {
    const file = join(work, 'a-file');
    writeFileSync(file, '');
    const failed = await failure(['--host', 'local', '--out', join(file, 'results')]);
    expect(failed).toMatchObject({ exitCode: 2, code: 'results-not-writable' });
    expect(failed.hint).toContain('--out');
  });
});

describe('a guest without root', () => {
  it('is refused when there is neither sudo nor delegation, with what to do', () => {
    const home = mkdtempSync(join(work, 'home-'));
    chmodSync(home, 0o777);
    const argv = [
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
      // Wherever the checkout lies, it can be read; nothing else of root's is kept.
      '--inh-caps=+dac_read_search',
      '--ambient-caps=+dac_read_search',
      process.execPath,
      join(process.cwd(), 'bin/run.js'),
    ];
    let stdout = '';
    let exitCode: number | null = 0;
    try {
      stdout = execFileSync(
        'setpriv',
        [...argv, 'remote', 'run', '--host', 'local', '--json', '--out', join(home, 'out')],
        {
          encoding: 'utf8',
          cwd: home,
          env: { HOME: home, PATH: process.env['PATH'] },
          stdio: ['ignore', 'pipe', 'ignore'],
        },
      );
    } catch (error) {
      ({ stdout, status: exitCode } = error as { stdout: string; status: number });
    }
    const failed = failureOf({ exitCode, signal: null, stdout, stderr: '' });
    expect(failed).toMatchObject({ exitCode: 3, code: 'no-privilege', outcome: 'not-ready' });
    expect(failed.hint).toMatch(/root|sudo/);
  });
});

describe('wrong usage', () => {
  it.each([
    [['--limit', '32 elephants']],
    [['--limit', '-1']],
    [['--limit', '$(id)']],
    [['--timeout', '10 parsecs']],
    [['--gogc', 'lots']],
    [['--gomemlimit', '$(id)']],
    [['--env', 'no-equals-sign']],
    [['--env', 'BAD-NAME=1']],
    [['--trials', '0']],
    [['--port', '70000']],
    [['--expect', 'miracle']],
    [['--no-such-flag']],
  ])('%j exits 2 and changes nothing', async (args) => {
    const failed = await failure(['--host', 'local', ...args]);
    expect(failed).toMatchObject({ exitCode: 2, code: 'bad-flag' });
    expect(failed.message).not.toBe('');
  });

  it('says what to name when no host was named', async () => {
    const result = await gclab(['remote', 'check', '--json'], { cwd: work });
    expect(failureOf(result)).toMatchObject({
      exitCode: 2,
      code: 'bad-flag',
      hint: expect.stringContaining('--host'),
    });
  });
});

describe('after all that', () => {
  it('no cgroup of any run is left', () => {
    const runs = readdirSync(join(work, 'gclab-results'));
    expect(runs.length).toBeGreaterThan(10);
    expect(runs.flatMap(leftoverCgroups)).toEqual([]);
  });
});
