import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeAll, describe, expect, it } from 'vitest';
import { hostTarget, LOCAL } from '../../../src/inventory/targets.js';
import type { Guest } from '../../../src/model.js';
import { connect } from '../../../src/transport/connect.js';
import { type Sshd, startSshd } from '../../support/ssh/sshd.js';
import { connectSettings } from '../settings.js';

const KINDS = ['ssh2', 'openssh', 'local'] as const;

async function open(kind: (typeof KINDS)[number], sshd: Sshd): Promise<Guest> {
  if (kind === 'local') return connect(LOCAL, connectSettings());
  return connect(hostTarget('guest', sshd.sshConfig), connectSettings({ program: kind }));
}

describe.each(KINDS)('a command on a guest by %s', (kind) => {
  let sshd: Sshd;
  let guest: Guest;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gclab-command-'));
    sshd = await startSshd();
    guest = await open(kind, sshd);
    return async () => {
      await guest.close();
      await sshd.stop();
      rmSync(folder, { recursive: true });
    };
  });

  it('tells its status and both outputs', async () => {
    const argv = ['sh', '-c', 'echo out; echo err >&2; exit 3'];
    const result = await guest.exec(argv);
    expect(result).toMatchObject({ argv, exitCode: 3, stdout: 'out\n', stderr: 'err\n', timedOut: false });
    expect(result.durationMs).toBeGreaterThan(0);
  });

  it('gets its arguments unchanged', async () => {
    const words = ["it's", '', 'a b', '$HOME', '`id`', '\\', '!', 'two\nlines', 'é', '-n'];
    expect((await guest.exec(['printf', '%s|', ...words])).stdout).toBe(
      words.map((word) => `${word}|`).join(''),
    );
  });

  it('gets its stdin, which then ends', async () => {
    expect((await guest.exec(['cat'], { stdin: 'text' })).stdout).toBe('text');
    expect((await guest.exec(['cat'], { stdin: Buffer.from('bytes') })).stdout).toBe('bytes');
    expect((await guest.exec(['cat'])).stdout).toBe('');
  });

  it('gets 3 MB of stdin byte for byte', async () => {
    const file = join(folder, 'uploaded');
    const chunk = Buffer.from(Array.from({ length: 60_000 }, (_, index) => index % 251));
    let produced = 0;
    const source = new Readable({
      read() {
        this.push(produced++ < 50 ? chunk : null);
      },
    });
    const result = await guest.exec(['sh', '-c', 'cat >"$0"', file], { stdin: source });
    expect(result.exitCode).toBe(0);
    expect(readFileSync(file).equals(Buffer.concat(Array<Buffer>(50).fill(chunk)))).toBe(true);
  });

  it('may leave its stdin unread', async () => {
    expect((await guest.exec(['true'], { stdin: Buffer.alloc(8_000_000) })).exitCode).toBe(0);
  });

  it('may print more than is kept', async () => {
    const result = await guest.exec(['sh', '-c', 'head -c 5000000 /dev/zero | tr "\\0" x; echo done >&2'], {
      maxOutputBytes: 1_000,
    });
    expect(result).toMatchObject({ exitCode: 0, stdout: 'x'.repeat(1_000), stderr: 'done\n' });
    expect((await guest.exec(['sh', '-c', 'head -c 3000000 /dev/zero'])).stdout.length).toBe(1024 * 1024);
  });

  it('that takes too long is let go, with what it said', async () => {
    const result = await guest.exec(['sh', '-c', 'echo begun; exec cat'], {
      stdin: new Readable({ read() {} }),
      timeoutMs: 3_000,
    });
    expect(result).toMatchObject({ timedOut: true, exitCode: null, stdout: 'begun\n' });
  });

  it('that is aborted rejects as interrupted', async () => {
    const abort = new AbortController();
    const running = guest.exec(['cat'], { stdin: new Readable({ read() {} }), signal: abort.signal });
    abort.abort();
    await expect(running).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 });
    await expect(guest.exec(['true'], { signal: abort.signal })).rejects.toMatchObject({
      code: 'interrupted',
    });
    expect((await guest.exec(['true'])).exitCode).toBe(0);
  });

  it('that is streamed can be talked to, and ends', async () => {
    const stream = await guest.stream([
      'sh',
      '-c',
      'while read line; do echo "got $line"; done; echo bye >&2; exit 4',
    ]);
    for (const word of ['one', 'two']) {
      stream.stdin.write(`${word}\n`);
      expect(String((await once(stream.stdout, 'data'))[0])).toBe(`got ${word}\n`);
    }
    stream.stdin.end();
    expect(await stream.done).toMatchObject({ exitCode: 4, stdout: '', stderr: 'bye\n' });
  });

  it('that is streamed sees its stdin end when it is closed', async () => {
    const file = join(folder, `closed-${kind}`);
    const stream = await guest.stream([
      'sh',
      '-c',
      'echo begun; trap "" TERM; cat >/dev/null; echo over >"$0"',
      file,
    ]);
    await once(stream.stdout, 'data');
    stream.close();
    await stream.done.catch(() => {});
    while (!existsSync(file)) await guest.exec(['true']);
  });

  it('that a signal ends is no success', async () => {
    const result = await guest
      .exec(['sh', '-c', 'kill -KILL $$'])
      .catch((error: { result: { exitCode: number } }) => error.result);
    expect(result?.exitCode).not.toBe(0);
  });

  it('that exits with 255 is told from a lost line', async () => {
    expect((await guest.exec(['sh', '-c', 'exit 255'])).exitCode).toBe(255);
  });

  it('that is not there has a status, or says so', async () => {
    const outcome = await guest.exec(['no-such-program-here']).then(
      (result) => result.exitCode,
      (error: { code: string }) => error.code,
    );
    expect([127, 'remote-failed']).toContain(outcome);
  });

  it('refuses after close', async () => {
    const other = await open(kind, sshd);
    await other.close();
    expect(other.lost.aborted).toBe(true);
    await expect(other.exec(['true'])).rejects.toMatchObject({ code: 'connection-lost' });
    await other.close();
  });

  it('is lost when the guest is closed under it', async () => {
    const other = await open(kind, sshd);
    const stream = await other.stream(['cat']);
    await other.close();
    await expect(stream.done).rejects.toMatchObject({ code: 'connection-lost' });
  });

  it('as root needs a way to be root', async () => {
    expect(guest.privilege).toBe('none');
    await expect(guest.exec(['id', '-u'], { asRoot: true })).rejects.toMatchObject({
      code: 'no-privilege',
      exitCode: 3,
    });
    guest.setPrivilege('root');
    expect((await guest.exec(['id'], { asRoot: true })).exitCode).toBe(0);
    guest.setPrivilege('none');
  });
});

describe('a local command', () => {
  it('is ended with all its children', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gclab-group-'));
    const guest = await connect(LOCAL, connectSettings());
    const abort = new AbortController();
    const stream = await guest.stream(['sh', '-c', 'sleep 1000 & echo $!; wait'], { signal: abort.signal });
    const pid = Number(String((await once(stream.stdout, 'data'))[0]));
    abort.abort();
    await expect(stream.done).rejects.toMatchObject({ code: 'interrupted' });
    while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
    rmSync(folder, { recursive: true });
  });
});

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe.each(['ssh2', 'openssh'] as const)('sudo by %s', (program) => {
  const accounts = [
    { name: 'asks', password: "pass 'word' $x", sudo: 'password' },
    { name: 'free', password: 'x', sudo: 'without-password' },
    { name: 'never', password: 'x', sudo: 'never' },
  ] as const;
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd({ accounts });
    return () => sshd.stop();
  });

  async function as(user: string, use: (guest: Guest) => Promise<void>): Promise<void> {
    const guest = await connect(hostTarget(`${user}@guest`, sshd.sshConfig), connectSettings({ program }));
    try {
      await use(guest);
    } finally {
      await guest.close();
    }
  }

  it('without a password', () =>
    as('free', async (guest) => {
      guest.setPrivilege('sudo');
      expect((await guest.exec(['id', '-un'], { asRoot: true })).stdout).toBe('root\n');
      expect((await guest.exec(['cat'], { asRoot: true, stdin: 'data\n' })).stdout).toBe('data\n');
      expect((await guest.exec(['id', '-un'])).stdout).toBe('free\n');
    }));

  it('with a password, which does not reach the command or its argv', () =>
    as('asks', async (guest) => {
      guest.setPrivilege('sudo-password', accounts[0].password);
      const seen = await guest.exec(['sh', '-c', 'id -un; cat; tr "\\0" " " </proc/$PPID/cmdline'], {
        asRoot: true,
        stdin: 'line 1\nline 2',
      });
      expect(seen.stdout).toMatch(/^root\nline 1\nline 2/);
      expect(seen.stdout).not.toContain('word');
      expect(seen.stderr).toBe('');
    }));

  it('with a password, streamed', () =>
    as('asks', async (guest) => {
      guest.setPrivilege('sudo-password', accounts[0].password);
      const stream = await guest.stream(['sh', '-c', 'read line; echo "got $line"; exit 4'], {
        asRoot: true,
      });
      stream.stdin.write('word\n');
      expect(String((await once(stream.stdout, 'data'))[0])).toBe('got word\n');
      expect((await stream.done).exitCode).toBe(4);
    }));

  it('with a password that is not needed: the command does not get it', () =>
    as('free', async (guest) => {
      guest.setPrivilege('sudo-password', 'secret');
      expect((await guest.exec(['cat'], { asRoot: true, stdin: 'data' })).stdout).toBe('data');
    }));

  it('with a wrong password, tried once', { timeout: 20_000 }, () =>
    as('asks', async (guest) => {
      guest.setPrivilege('sudo-password', 'wrong');
      const data = 'not a password\n'.repeat(5);
      await expect(guest.exec(['cat'], { asRoot: true, stdin: data })).rejects.toMatchObject({
        code: 'sudo-password',
        exitCode: 4,
      });
    }),
  );

  it('that is not allowed', { timeout: 20_000 }, () =>
    as('never', async (guest) => {
      guest.setPrivilege('sudo-password', 'x');
      await expect(guest.exec(['id'], { asRoot: true })).rejects.toMatchObject({
        code: 'sudo-password',
        hint: expect.stringContaining('sudo -l'),
      });
      guest.setPrivilege('sudo');
      expect((await guest.exec(['id'], { asRoot: true })).exitCode).toBe(1);
    }),
  );
});

it('the tests have a sudo to run', () => {
  expect(execFileSync('sudo', ['-V'], { encoding: 'utf8' })).toContain('Sudo version');
});
