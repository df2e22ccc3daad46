import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hostTarget } from '../../../src/inventory/targets.js';
import type { ConnectSettings, Guest, Question } from '../../../src/model.js';
import { connect } from '../../../src/transport/connect.js';
import { makeKey, type Sshd } from '../../support/ssh/sshd.js';
import { start } from '../for-test.js';
import { connectSettings } from '../settings.js';

const LAB = { name: 'lab', password: 'correct horse' };

async function whoami(sshd: Sshd, more: Partial<ConnectSettings> = {}): Promise<string> {
  const guest: Guest = await connect(hostTarget('guest', sshd.sshConfig), connectSettings(more));
  onTestFinished(() => guest.close());
  return (await guest.exec(['id', '-un'])).stdout.trim();
}

/** Answers questions in turn and remembers them. */
function answering(...answers: (string | undefined)[]) {
  const asked: Question[] = [];
  const ask = async (question: Question): Promise<string | undefined> => {
    asked.push(question);
    return answers[asked.length - 1];
  };
  return { asked, ask };
}

async function startAgent(sshd: Sshd, keys: readonly string[]): Promise<string> {
  const socket = join(sshd.folder, 'agent');
  const agent: ChildProcess = spawn('ssh-agent', ['-D', '-a', socket], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(agent.stdout ?? agent, 'data');
  onTestFinished(async () => {
    agent.kill();
    await once(agent, 'exit');
  });
  for (const key of keys)
    execFileSync('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
  return socket;
}

describe('keys from files', () => {
  it.each(['rsa', 'ecdsa', 'ed25519'])('log in with a %s key', async (type) => {
    const sshd = await start();
    const key = makeKey(join(sshd.folder, `id_${type}_2`), type);
    copyFileSync(`${key}.pub`, join(sshd.folder, 'authorized_keys'));
    writeFileSync(sshd.sshConfig, readFileSync(sshd.sshConfig, 'utf8').replaceAll(sshd.key, key));
    expect(await whoami(sshd)).toBe(sshd.user);
  });

  it('log in at once, with no other round first', async () => {
    const sshd = await start();
    await whoami(sshd);
    expect(sshd.log()).not.toContain('Failed none');
    expect(sshd.log()).not.toContain('Failed publickey');
  });

  it.each([
    ['rsa', []],
    ['ed25519', []],
    ['rsa in PEM', ['-m', 'PEM']],
  ] as const)('ask once for the passphrase of an encrypted key (%s)', async (type, format) => {
    const sshd = await start();
    const key = makeKey(join(sshd.folder, 'locked'), type.split(' ')[0], 'open sesame');
    if (format.length > 0)
      execFileSync(
        'ssh-keygen',
        ['-q', '-p', '-P', 'open sesame', '-N', 'open sesame', ...format, '-f', key],
        { stdio: 'ignore' },
      );
    copyFileSync(`${key}.pub`, join(sshd.folder, 'authorized_keys'));
    rmSync(`${key}.pub`);
    writeFileSync(sshd.sshConfig, readFileSync(sshd.sshConfig, 'utf8').replaceAll(sshd.key, key));
    const { asked, ask } = answering('wrong', 'open sesame');
    expect(await whoami(sshd, { ask })).toBe(sshd.user);
    expect(asked).toHaveLength(2);
    expect(asked[0]).toMatchObject({ target: 'guest', secret: true });
    expect(asked[0]?.prompt).toContain(key);
  });

  it('ask nothing about an encrypted key that the server does not want', async () => {
    const sshd = await start();
    const locked = makeKey(join(sshd.folder, 'locked'), 'ed25519', 'open sesame');
    writeFileSync(
      sshd.sshConfig,
      readFileSync(sshd.sshConfig, 'utf8').replace(
        '  IdentityFile',
        `  IdentityFile ${locked}\n  IdentityFile`,
      ),
    );
    const { asked, ask } = answering();
    expect(await whoami(sshd, { ask })).toBe(sshd.user);
    expect(asked).toEqual([]);
  });

  it('are left out where others may read them, and the error says so', async () => {
    const sshd = await start();
    chmodSync(sshd.key, 0o644);
    const failing = whoami(sshd);
    await expect(failing).rejects.toMatchObject({ code: 'auth-failed', exitCode: 4 });
    await expect(failing).rejects.toThrow(/others may read it/);
  });

  it('that open nothing end in an error that names what was tried and what the server takes', async () => {
    const sshd = await start();
    writeFileSync(join(sshd.folder, 'authorized_keys'), '');
    const failing = whoami(sshd);
    await expect(failing).rejects.toMatchObject({
      code: 'auth-failed',
      doing: `authenticating as ${sshd.user}`,
    });
    await expect(failing).rejects.toThrow(`tried publickey ${sshd.key}; the server takes publickey`);
  });

  it('that are missing end in an error that names them', async () => {
    const sshd = await start();
    rmSync(sshd.key);
    rmSync(`${sshd.key}.pub`);
    await expect(whoami(sshd)).rejects.toThrow(`left out ${sshd.key} (no such file)`);
  });
});

describe('an agent', () => {
  it('logs in', async () => {
    const sshd = await start();
    const socket = await startAgent(sshd, [sshd.key]);
    rmSync(sshd.key);
    expect(await whoami(sshd, { env: { ...process.env, SSH_AUTH_SOCK: socket } })).toBe(sshd.user);
  });

  it('of eight keys offers only the one that IdentityFile names, where IdentitiesOnly is set', async () => {
    const sshd = await start();
    const others = Array.from({ length: 8 }, (_, index) => makeKey(join(sshd.folder, `other_${index}`)));
    const socket = await startAgent(sshd, [...others, sshd.key]);
    rmSync(sshd.key);
    expect(await whoami(sshd, { env: { ...process.env, SSH_AUTH_SOCK: socket } })).toBe(sshd.user);
    expect(sshd.log()).not.toContain('Failed publickey');
  });

  it('of eight keys offers the one that IdentityFile names first, where IdentitiesOnly is not', async () => {
    const sshd = await start();
    writeFileSync(
      sshd.sshConfig,
      readFileSync(sshd.sshConfig, 'utf8').replace('IdentitiesOnly yes', 'IdentitiesOnly no'),
    );
    const others = Array.from({ length: 8 }, (_, index) => makeKey(join(sshd.folder, `other_${index}`)));
    const socket = await startAgent(sshd, [...others, sshd.key]);
    rmSync(sshd.key);
    expect(await whoami(sshd, { env: { ...process.env, SSH_AUTH_SOCK: socket } })).toBe(sshd.user);
  });

  it('that is not there is no reason to fail', async () => {
    const sshd = await start();
    expect(await whoami(sshd, { env: { ...process.env, SSH_AUTH_SOCK: join(sshd.folder, 'none') } })).toBe(
      sshd.user,
    );
  });

  it('with wrong keys lets a password-only server ask', async () => {
    const sshd = await start({
      accounts: [LAB],
      config: ['PasswordAuthentication yes', 'PubkeyAuthentication no'],
    });
    writeFileSync(
      sshd.sshConfig,
      readFileSync(sshd.sshConfig, 'utf8').replace('IdentitiesOnly yes', 'IdentitiesOnly no'),
    );
    const others = Array.from({ length: 8 }, (_, index) => makeKey(join(sshd.folder, `other_${index}`)));
    const socket = await startAgent(sshd, others);
    const { ask } = answering(LAB.password);
    expect(await whoami(sshd, { ask, env: { ...process.env, SSH_AUTH_SOCK: socket } })).toBe('lab');
  });
});

describe.each([
  ['password', ['PasswordAuthentication yes', 'KbdInteractiveAuthentication no', 'PubkeyAuthentication no']],
  [
    'keyboard-interactive',
    [
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication yes',
      'UsePAM yes',
      'PubkeyAuthentication no',
    ],
  ],
] as const)('a server that takes only %s', (method, config) => {
  it('asks and lets in', async () => {
    const sshd = await start({ accounts: [LAB], config });
    const { asked, ask } = answering(LAB.password);
    expect(await whoami(sshd, { ask })).toBe('lab');
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ target: 'guest', secret: true });
    expect(asked[0]?.prompt).toMatch(/^(Password of lab on 127\.0\.0\.1|\(lab@127\.0\.0\.1\) Password): $/);
  });

  it('asks again after a wrong answer', { timeout: 20_000 }, async () => {
    const sshd = await start({ accounts: [LAB], config });
    const { asked, ask } = answering('wrong', LAB.password);
    expect(await whoami(sshd, { ask })).toBe('lab');
    expect(asked).toHaveLength(2);
    expect(asked[0]?.prompt).not.toContain('try again');
    expect(asked[1]?.prompt).toMatch(/^Permission denied, please try again\.\n/);
  });

  it('is an error where nobody can be asked', async () => {
    const sshd = await start({ accounts: [LAB], config });
    const failing = whoami(sshd);
    await expect(failing).rejects.toMatchObject({
      code: 'auth-failed',
      hint: expect.stringContaining('terminal'),
    });
    await expect(failing).rejects.toThrow(`the server takes ${method}`);
  });

  it('is an error when the person declines', async () => {
    const sshd = await start({ accounts: [LAB], config });
    const { asked, ask } = answering(undefined);
    await expect(whoami(sshd, { ask })).rejects.toMatchObject({ code: 'auth-failed' });
    expect(asked).toHaveLength(1);
  });

  it('does not count the time that the answer takes', async () => {
    const sshd = await start({ accounts: [LAB], config });
    const connectTimeoutMs = 1_500;
    const ask = (): Promise<string> =>
      new Promise((resolve) => setTimeout(() => resolve(LAB.password), connectTimeoutMs + 300));
    expect(await whoami(sshd, { ask, connectTimeoutMs })).toBe('lab');
  });
});

it('a server that wants a key and a password gets both', async () => {
  const sshd = await start({
    accounts: [LAB],
    config: ['PasswordAuthentication yes', 'AuthenticationMethods publickey,password'],
  });
  const { asked, ask } = answering(LAB.password);
  expect(await whoami(sshd, { ask })).toBe('lab');
  expect(asked).toHaveLength(1);
});

it('ssh_config may forbid passwords', async () => {
  const sshd = await start({
    accounts: [LAB],
    config: ['PasswordAuthentication yes', 'PubkeyAuthentication no'],
  });
  appendFileSync(sshd.sshConfig, '  PasswordAuthentication no\n');
  const { asked, ask } = answering(LAB.password);
  await expect(whoami(sshd, { ask })).rejects.toMatchObject({ code: 'auth-failed' });
  expect(asked).toEqual([]);
});
