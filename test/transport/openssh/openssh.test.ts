import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import fetch from 'node-fetch';
import { describe, expect, it } from 'vitest';
import type { ConnectSettings } from '../../../src/model.js';
import { OpensshGuest } from '../../../src/transport/openssh/openssh-guest.js';
import { tunnelAgent } from '../../../src/transport/tunnel/tunnel.js';
import { freePort, makeKey, publicKey } from '../../support/ssh/sshd.js';
import { open, start } from '../for-test.js';

const OPENSSH = { program: 'openssh' } as const;

describe('what ssh2 cannot do is done by the system’s ssh', () => {
  it('a server that has only post-quantum key exchange', async () => {
    const sshd = await start({ config: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'] });
    const guest = await open(sshd);
    expect(guest).toBeInstanceOf(OpensshGuest);
    expect((await guest.exec(['echo', 'quantum'])).stdout).toBe('quantum\n');
    await expect(open(sshd, { program: 'ssh2' })).rejects.toMatchObject({
      code: 'handshake-failed',
      exitCode: 4,
    });
  });

  it('a user certificate', async () => {
    const sshd = await start();
    const authority = makeKey(join(sshd.folder, 'ca'));
    execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'test', '-n', sshd.user, `${sshd.key}.pub`], {
      stdio: 'ignore',
    });
    writeFileSync(join(sshd.folder, 'authorized_keys'), `cert-authority ${publicKey(authority)}\n`);
    appendFileSync(sshd.sshConfig, `  CertificateFile ${sshd.key}-cert.pub\n`);
    const guest = await open(sshd);
    expect(guest).toBeInstanceOf(OpensshGuest);
    expect((await guest.exec(['id', '-un'])).stdout).toBe(`${sshd.user}\n`);
  });

  it('a host certificate', async () => {
    const sshd = await start();
    const authority = makeKey(join(sshd.folder, 'ca'));
    const [hostKey = ''] = sshd.hostKeys;
    execFileSync(
      'ssh-keygen',
      ['-q', '-s', authority, '-I', 'host', '-h', '-n', '127.0.0.1', `${hostKey}.pub`],
      { stdio: 'ignore' },
    );
    const certified = await start({ config: [`HostKey ${hostKey}`, `HostCertificate ${hostKey}-cert.pub`] });
    copyFileSync(`${sshd.key}.pub`, join(certified.folder, 'authorized_keys'));
    writeFileSync(
      sshd.sshConfig,
      readFileSync(certified.sshConfig, 'utf8').replaceAll(certified.key, sshd.key),
    );
    writeFileSync(
      certified.knownHosts,
      `@cert-authority [127.0.0.1]:${certified.port} ${publicKey(authority)}\n`,
    );
    const guest = await open(sshd);
    expect(guest).toBeInstanceOf(OpensshGuest);
    expect((await guest.exec(['echo', 'certified'])).stdout).toBe('certified\n');
  });

  it('and nothing else: an ordinary server is reached by ssh2', async () => {
    expect(await open(await start())).not.toBeInstanceOf(OpensshGuest);
  });
});

describe('a guest by the system’s ssh', () => {
  it.each(['yes', 'ask', 'no'])('refuses a changed host key (StrictHostKeyChecking %s)', async (strict) => {
    const sshd = await start({ clientConfig: [`StrictHostKeyChecking ${strict}`] });
    writeFileSync(
      sshd.knownHosts,
      `[127.0.0.1]:${sshd.port} ${publicKey(makeKey(join(sshd.folder, 'other')))}\n`,
    );
    await expect(open(sshd, { ...OPENSSH, acceptNew: true })).rejects.toMatchObject({ exitCode: 4 });
    expect(sshd.log()).not.toContain('Accepted');
  });

  it('refuses an unknown host key, and takes it with acceptNew', async () => {
    const sshd = await start();
    writeFileSync(sshd.knownHosts, '');
    await expect(open(sshd, OPENSSH)).rejects.toMatchObject({ exitCode: 4 });
    await open(sshd, { ...OPENSSH, acceptNew: true });
    expect(readFileSync(sshd.knownHosts, 'utf8')).toContain('ssh-ed25519');
  });

  it('asks for a passphrase and a password through us', async () => {
    const lab = { name: 'lab', password: "it's a $ecret" };
    const sshd = await start({
      accounts: [lab],
      config: ['PasswordAuthentication yes', 'PubkeyAuthentication no'],
    });
    const prompts: string[] = [];
    const ask: ConnectSettings['ask'] = async ({ prompt, secret }) => {
      prompts.push(`${prompt}|${secret}`);
      return lab.password;
    };
    const guest = await open(sshd, { ...OPENSSH, ask });
    expect((await guest.exec(['id', '-un'])).stdout).toBe('lab\n');
    expect(prompts).toEqual(["lab@127.0.0.1's password: |true"]);
  });

  it('fails with ssh’s words where nobody can be asked', async () => {
    const sshd = await start();
    writeFileSync(join(sshd.folder, 'authorized_keys'), '');
    await expect(open(sshd, OPENSSH)).rejects.toThrow(/Permission denied \(publickey\)/);
  });

  it('jumps', async () => {
    const [jump, last] = [await start(), await start()];
    const config = readFileSync(jump.sshConfig, 'utf8').replace('Host guest', 'Host jump');
    writeFileSync(last.sshConfig, `${config}${readFileSync(last.sshConfig, 'utf8')}  ProxyJump jump\n`);
    expect((await (await open(last, OPENSSH)).exec(['echo', 'far'])).stdout).toBe('far\n');
  });

  it('takes turns where the server allows one session', async () => {
    const guest = await open(await start({ config: ['MaxSessions 1'] }), OPENSSH);
    const results = await Promise.all([1, 2, 3, 4].map((number) => guest.exec(['echo', String(number)])));
    expect(results.map((result) => result.stdout)).toEqual(['1\n', '2\n', '3\n', '4\n']);
  });

  it('says so where the server allows none', async () => {
    const guest = await open(await start({ config: ['MaxSessions 0'] }), OPENSSH);
    await expect(guest.exec(['true'])).rejects.toMatchObject({ code: 'remote-failed' });
  });

  it('gives what a forced command says', async () => {
    const guest = await open(
      await start({ config: ['ForceCommand echo instead; echo aside >&2; exit 5'] }),
      OPENSSH,
    );
    expect(await guest.exec(['true'])).toMatchObject({ exitCode: 5, stdout: 'instead\n', stderr: 'aside\n' });
  });

  it('is lost when the server dies, and its folder is removed', async () => {
    const guest = (await open(await start(), OPENSSH)) as OpensshGuest;
    const pid = Number((await guest.exec(['sh', '-c', 'echo $PPID'])).stdout);
    const stream = await guest.stream(['sh', '-c', 'echo going; exec cat']);
    await once(stream.stdout, 'data');
    process.kill(pid, 'SIGKILL');
    await expect(stream.done).rejects.toMatchObject({ code: 'connection-lost' });
    await expect(guest.exec(['true'])).rejects.toMatchObject({ code: 'connection-lost' });
    expect(guest.lost.aborted).toBe(true);
    expect(existsSync(dirname(guest.master.socket))).toBe(false);
  });

  it('carries HTTP, and tells a refused port', async () => {
    let connections = 0;
    const server = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
    server.on('connection', () => connections++);
    await once(server, 'listening');
    const guest = await open(await start(), OPENSSH);
    const agent = tunnelAgent(() => guest);
    for (let i = 0; i < 10; i++) {
      const response = await fetch(`http://guest:${(server.address() as AddressInfo).port}`, { agent });
      expect(await response.text()).toBe('ok');
    }
    expect(connections).toBe(1);
    await expect(guest.connectTcp(await freePort())).rejects.toMatchObject({ code: 'tunnel-refused' });
    agent.destroy();
    server.close();
  });

  it('is told that forwarding is forbidden', async () => {
    const guest = await open(await start({ config: ['AllowTcpForwarding no'] }), OPENSSH);
    await expect(guest.connectTcp(1)).rejects.toMatchObject({ code: 'tunnel-refused', why: 'forbidden' });
  });
});
