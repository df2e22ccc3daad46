import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, connect as dial, type Server } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { GclabError } from '../../../src/errors.js';
import { hostTarget } from '../../../src/inventory/targets.js';
import type { Guest, RemoteResult } from '../../../src/model.js';
import { connect } from '../../../src/transport/connect.js';
import { freePort, type Sshd } from '../../support/ssh/sshd.js';
import { type Line, startTcpProxy, type TcpProxy } from '../../support/ssh/tcp-proxy.js';
import { open, start } from '../for-test.js';
import { connectSettings } from '../settings.js';

/** The same sshd over a line of our own. */
async function throughProxy(sshd: Sshd, line: Line = {}): Promise<TcpProxy> {
  const proxy = await startTcpProxy(sshd, line);
  onTestFinished(() => proxy.stop());
  const config = readFileSync(sshd.sshConfig, 'utf8').replace(
    `Port ${sshd.port}`,
    `Port ${proxy.port}\n  HostKeyAlias [127.0.0.1]:${sshd.port}`,
  );
  writeFileSync(sshd.sshConfig, config);
  return proxy;
}

/** The pid of the sshd process that serves a guest. */
async function serverPid(guest: Guest): Promise<number> {
  return Number((await guest.exec(['sh', '-c', 'echo $PPID'])).stdout);
}

describe('a login shell', () => {
  it.each(['/bin/bash', '/bin/dash', '/usr/bin/fish', '/usr/bin/tcsh'])('may be %s', async (shell) => {
    const guest = await open(await start({ accounts: [{ name: 'lab', password: 'x', shell }] }));
    const words = ["it's", 'a b', '$HOME', '!!', '\\', 'two\nlines', '', 'é', '*', '~'];
    const result = await guest.exec(['printf', '%s\\n--\\n', ...words]);
    expect(result).toMatchObject({
      exitCode: 0,
      stderr: '',
      stdout: words.map((word) => `${word}\n--\n`).join(''),
    });
  });

  it('may print in its start-up file, before what the command says', async () => {
    const home = { '.bashrc': 'echo noise; echo more noise >&2\n' };
    const guest = await open(await start({ accounts: [{ name: 'lab', password: 'x', home }] }));
    const result = await guest.exec(['echo', 'answer']);
    expect(result).toMatchObject({ exitCode: 0, stdout: 'noise\nanswer\n', stderr: 'more noise\n' });
  });

  it('may alias what we run, without effect', async () => {
    const home = { '.cshrc': "alias id 'echo aliased'\n" };
    const guest = await open(
      await start({ accounts: [{ name: 'lab', password: 'x', shell: '/usr/bin/tcsh', home }] }),
    );
    expect((await guest.exec(['id', '-un'])).stdout).toBe('lab\n');
  });

  it('may be none at all: then a command is refused with a status', async () => {
    const guest = await open(
      await start({ accounts: [{ name: 'lab', password: 'x', shell: '/usr/sbin/nologin' }] }),
    );
    expect((await guest.exec(['true'])).exitCode).not.toBe(0);
  });
});

describe('a server', () => {
  it('may force a command that prints and then runs ours', async () => {
    const guest = await open(
      await start({ config: ['ForceCommand echo Welcome; eval "$SSH_ORIGINAL_COMMAND"'] }),
    );
    expect((await guest.exec(['echo', "it's"])).stdout).toBe("Welcome\nit's\n");
  });

  it('may send a banner', async () => {
    const sshd = await start({ config: ['Banner /etc/hostname'] });
    expect((await (await open(sshd)).exec(['echo', 'hi'])).stdout).toBe('hi\n');
  });

  it.each([1, 2])('may allow %d sessions: ten commands at once take turns', async (sessions) => {
    const guest = await open(await start({ config: [`MaxSessions ${sessions}`] }));
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, index) => guest.exec(['echo', String(index)])),
    );
    expect(results.map((result) => result.stdout)).toEqual(
      Array.from({ length: 10 }, (_, index) => `${index}\n`),
    );
  });

  it('that allows one session keeps a second command waiting until its deadline', async () => {
    const guest = await open(await start({ config: ['MaxSessions 1'] }));
    const stream = await guest.stream(['cat']);
    stream.stdout.resume();
    await expect(guest.exec(['true'], { timeoutMs: 200 })).rejects.toMatchObject({ code: 'remote-timeout' });
    stream.stdin.end();
    expect((await stream.done).exitCode).toBe(0);
    expect((await guest.exec(['true'])).exitCode).toBe(0);
  });

  it('that allows one session has it back when a stream is closed before its end was read', async () => {
    const guest = await open(await start({ config: ['MaxSessions 1'] }));
    const stream = await guest.stream(['sh', '-c', 'echo one; read line; echo two; read line']);
    for await (const piece of stream.stdout) {
      if (String(piece).includes('two')) break;
      stream.stdin.write('on\n');
    }
    stream.close();
    expect((await guest.exec(['true'], { timeoutMs: 10_000 })).exitCode).toBe(0);
  });

  it('may allow no session at all', async () => {
    const guest = await open(await start({ config: ['MaxSessions 0'] }));
    await expect(guest.exec(['true'])).rejects.toMatchObject({
      code: 'remote-failed',
      hint: expect.stringContaining('MaxSessions'),
    });
  });

  it('may turn connections away before the handshake', async () => {
    const sshd = await start({ config: ['MaxStartups 1:100:1'] });
    const held = dial(sshd.port, '127.0.0.1');
    await once(held, 'data');
    onTestFinished(() => void held.destroy());
    await expect(open(sshd)).rejects.toMatchObject({
      code: 'handshake-failed',
      exitCode: 4,
      hint: expect.stringContaining('MaxStartups'),
    });
  });

  it('may listen on IPv6', async () => {
    const sshd = await start({ host: '::1' });
    expect((await open(sshd)).address).toContain('::1');
    const guest = await connect(
      hostTarget(`${sshd.user}@[::1]:${sshd.port}`, plainConfig(sshd)),
      connectSettings(),
    );
    onTestFinished(() => void guest.close());
    expect((await guest.exec(['echo', 'six'])).stdout).toBe('six\n');
  });

  it('may be no SSH server', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const target = hostTarget(hostOf(server), plainConfig(await start()));
    await expect(connect(target, connectSettings())).rejects.toMatchObject({
      code: 'handshake-failed',
    });
  });

  it('may say nothing: the deadline holds', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const target = hostTarget(hostOf(server), plainConfig(await start()));
    const settings = connectSettings({ connectTimeoutMs: 300 });
    await expect(connect(target, settings)).rejects.toMatchObject({
      code: 'connection-timeout',
      exitCode: 4,
    });
  });

  it('may not be there', async () => {
    const target = hostTarget(`127.0.0.1:${await freePort()}`, plainConfig(await start()));
    await expect(connect(target, connectSettings())).rejects.toMatchObject({
      code: 'connection-refused',
      exitCode: 4,
    });
  });

  it('may have a name that is nearly one of ssh_config', async () => {
    const sshd = await start();
    const failing = connect(hostTarget('geust', sshd.sshConfig), connectSettings());
    await expect(failing).rejects.toMatchObject({
      code: 'unknown-host',
      hint: 'did you mean guest? ssh_config has that',
    });
    await expect(failing).rejects.toThrow('geust: connecting to geust port 22: no');
  });

  it('may have a name that nobody knows', async () => {
    const failing = connect(
      hostTarget('no-such-host.invalid', plainConfig(await start())),
      connectSettings(),
    );
    await expect(failing).rejects.toMatchObject({
      code: 'unknown-host',
      exitCode: 4,
      hint: expect.stringContaining('ssh_config'),
    });
  });
});

function hostOf(server: Server): string {
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An ssh_config for targets that the sshd's own does not name. */
function plainConfig(sshd: Sshd): string {
  const file = join(sshd.folder, 'plain_config');
  writeFileSync(
    file,
    readFileSync(sshd.sshConfig, 'utf8')
      .replace('Host guest', 'Host *')
      .replace(/ {2}(?:HostName|Port|User) .*\n/g, ''),
  );
  return file;
}

describe('jump hosts', () => {
  it('are chained, each with its own key check', async () => {
    const [first, second, last] = [await start(), await start(), await start()];
    const config = [first, second].map((sshd, index) =>
      readFileSync(sshd.sshConfig, 'utf8').replace('Host guest', `Host jump${index}`),
    );
    writeFileSync(
      last.sshConfig,
      `${config.join('')}${readFileSync(last.sshConfig, 'utf8')}  ProxyJump jump0,jump1\n`,
    );
    const guest = await open(last);
    expect((await guest.exec(['echo', 'far'])).stdout).toBe('far\n');
    for (const sshd of [first, second, last]) expect(sshd.log()).toContain('Accepted publickey');
    await guest.close();
  });

  it('that cannot be reached are named', async () => {
    const sshd = await start();
    const port = await freePort();
    writeFileSync(sshd.sshConfig, `${readFileSync(sshd.sshConfig, 'utf8')}  ProxyJump 127.0.0.1:${port}\n`);
    const failing = open(sshd);
    await expect(failing).rejects.toMatchObject({
      code: 'jump-failed',
      exitCode: 4,
      doing: expect.stringContaining(String(port)),
    });
    await expect(failing).rejects.toThrow(/nothing listens there/);
  });

  it('that forbid forwarding are named', async () => {
    const [jump, last] = [await start({ config: ['AllowTcpForwarding no'] }), await start()];
    const config = readFileSync(jump.sshConfig, 'utf8').replace('Host guest', 'Host jump');
    writeFileSync(last.sshConfig, `${config}${readFileSync(last.sshConfig, 'utf8')}  ProxyJump jump\n`);
    await expect(open(last)).rejects.toMatchObject({
      code: 'jump-failed',
      hint: expect.stringContaining('AllowTcpForwarding'),
    });
  });

  it('with an unknown key are refused', async () => {
    const [jump, last] = [await start(), await start()];
    writeFileSync(jump.knownHosts, '');
    const config = readFileSync(jump.sshConfig, 'utf8').replace('Host guest', 'Host jump');
    writeFileSync(last.sshConfig, `${config}${readFileSync(last.sshConfig, 'utf8')}  ProxyJump jump\n`);
    await expect(open(last)).rejects.toThrow(/ProxyJump.*not in/);
  });

  it('may be a ProxyCommand', async () => {
    const sshd = await start({
      clientConfig: [
        'ProxyCommand ssh -F %d/none -V 2>/dev/null; exec nc %h %p'.replace(
          'ssh -F %d/none -V 2>/dev/null; exec ',
          '',
        ),
      ],
    });
    expect((await (await open(sshd)).exec(['echo', 'piped'])).stdout).toBe('piped\n');
  });

  it('may be a ProxyCommand that fails', async () => {
    const sshd = await start({ clientConfig: ['ProxyCommand false'] });
    await expect(open(sshd)).rejects.toMatchObject({ code: 'handshake-failed' });
  });
});

describe('a connection that is lost', () => {
  it('in a command, when the server dies, is no success', async () => {
    const guest = await open(await start());
    const pid = await serverPid(guest);
    const stream = await guest.stream(['sh', '-c', 'echo going; exec cat']);
    await once(stream.stdout, 'data');
    const running = guest.exec(['cat'], { stdin: new Readable({ read() {} }) });
    process.kill(pid, 'SIGKILL');
    await expect(stream.done).rejects.toMatchObject({
      code: 'connection-lost',
      exitCode: 5,
      result: { exitCode: null },
    });
    await expect(running).rejects.toMatchObject({ code: 'connection-lost' });
    expect(guest.lost.aborted).toBe(true);
    await expect(guest.exec(['true'])).rejects.toMatchObject({ code: 'connection-lost' });
    await expect(guest.connectTcp(1)).rejects.toMatchObject({ code: 'connection-lost' });
    await guest.close();
  });

  it('in silence is noticed by keep-alives', { timeout: 10_000 }, async () => {
    const sshd = await start();
    const proxy = await throughProxy(sshd);
    const guest = await open(sshd, { keepaliveMs: 100 });
    const stream = await guest.stream(['cat']);
    proxy.silence();
    await expect(stream.done).rejects.toMatchObject({ code: 'connection-lost' });
  });

  it('in silence does not hold up closing', async () => {
    const sshd = await start();
    const proxy = await throughProxy(sshd);
    const guest = await open(sshd, { keepaliveMs: 600_000 });
    const stream = await guest.stream(['cat']);
    proxy.silence();
    await guest.close();
    expect(guest.lost.aborted).toBe(true);
    await expect(stream.done).rejects.toMatchObject({ code: 'connection-lost' });
  });

  it('by a reset in an upload does not hang', async () => {
    const sshd = await start();
    const proxy = await throughProxy(sshd);
    const guest = await open(sshd);
    let sent = 0;
    const endless = new Readable({
      read() {
        this.push(Buffer.alloc(64 * 1024));
        if (++sent === 50) proxy.cut();
      },
    });
    await expect(guest.exec(['sh', '-c', 'cat >/dev/null'], { stdin: endless })).rejects.toMatchObject({
      code: 'connection-lost',
    });
  });

  it('in the handshake is said to be', async () => {
    const sshd = await start();
    const proxy = await throughProxy(sshd, { delayMs: 20 });
    const opening = open(sshd);
    while (proxy.connections === 0) await new Promise((resolve) => setImmediate(resolve));
    proxy.cut();
    await expect(opening).rejects.toMatchObject({ exitCode: 4 });
  });

  it('with a jump host in between is noticed too', async () => {
    const [jump, last] = [await start(), await start()];
    const config = readFileSync(jump.sshConfig, 'utf8').replace('Host guest', 'Host jump');
    writeFileSync(last.sshConfig, `${config}${readFileSync(last.sshConfig, 'utf8')}  ProxyJump jump\n`);
    const guest = await open(last);
    const stream = await guest.stream(['cat']);
    const children = execFileSync('pgrep', ['-P', String(jump.pid)], { encoding: 'utf8' });
    for (const pid of children.trim().split('\n')) process.kill(Number(pid), 'SIGKILL');
    await expect(stream.done).rejects.toMatchObject({ code: 'connection-lost' });
  });
});

describe('a slow line', () => {
  // Greetings and key exchange (2), service and key, channel, command; one more where the command waits for what it is given.
  it.each([
    [5, 'until the first command has answered', ['echo', 'answered'], undefined],
    [6, 'where that command waits for what it is given', ['head', '-c', '8'], 'answered'],
  ] as const)('takes %i round trips after TCP %s', async (roundTrips, _, argv, stdin) => {
    const answer = async (most: number): Promise<RemoteResult> => {
      const sshd = await start();
      await throughProxy(sshd, { delayMs: 50, roundTrips: most });
      const guest = await open(sshd, { keepaliveMs: 600_000 });
      return await guest.exec(argv, {
        timeoutMs: most < roundTrips ? 1_000 : 60_000,
        ...(stdin && { stdin }),
      });
    };
    expect(await answer(roundTrips)).toMatchObject({
      stdout: 'answered\n'.slice(0, stdin?.length),
      exitCode: 0,
    });
    // Where it waits in vain, a busy machine decides: for the command, its channel, or the login before them.
    const tooFew = answer(roundTrips - 1).then(
      ({ timedOut, stdout }) => (timedOut ? 'remote-timeout' : stdout),
      ({ code }: GclabError) => code,
    );
    expect(await tooFew).toMatch(/^(remote|connection)-timeout$/);
  });
});

describe('an interruption', () => {
  it('while connecting is told as such', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const abort = new AbortController();
    server.once('connection', () => abort.abort());
    const target = hostTarget(hostOf(server), plainConfig(await start()));
    const settings = connectSettings({ signal: abort.signal });
    await expect(connect(target, settings)).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 });
  });

  it('before connecting is told as such', async () => {
    const settings = connectSettings({ signal: AbortSignal.abort() });
    const { sshConfig } = await start();
    await expect(connect(hostTarget('guest', sshConfig), settings)).rejects.toMatchObject({
      code: 'interrupted',
    });
  });
});
