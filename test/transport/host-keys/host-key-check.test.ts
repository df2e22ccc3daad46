import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeKey, publicKey, type Sshd } from '../../support/ssh/sshd.js';
import { open, start } from '../for-test.js';

function fingerprintOf(key: string): string {
  return execFileSync('ssh-keygen', ['-lf', `${key}.pub`], { encoding: 'utf8' }).split(' ')[1] ?? '';
}

/** What OpenSSH itself does with the same files: its exit status. */
function opensshConnects(sshd: Sshd): boolean {
  try {
    execFileSync(
      'ssh',
      ['-F', sshd.sshConfig, '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=yes', 'guest', 'true'],
      { stdio: 'ignore' },
    );
    return true;
  } catch {
    return false;
  }
}

describe('a known host key', () => {
  it('is shown in the address', async () => {
    const sshd = await start();
    const guest = await open(sshd);
    expect(guest.address).toBe(
      `${sshd.user}@127.0.0.1:${sshd.port} (ed25519 ${fingerprintOf(sshd.hostKeys[0] ?? '')})`,
    );
  });

  it('is found when its name is hashed', async () => {
    const sshd = await start();
    execFileSync('ssh-keygen', ['-H', '-f', sshd.knownHosts], { stdio: 'ignore' });
    await open(sshd);
  });

  it('is found though the server has a key of a better type that nobody knows', async () => {
    const sshd = await start({ hostKeyTypes: ['ed25519', 'rsa', 'ecdsa'] });
    for (const index of [1, 2]) {
      writeFileSync(sshd.knownHosts, `[127.0.0.1]:${sshd.port} ${publicKey(sshd.hostKeys[index] ?? '')}\n`);
      expect((await open(sshd)).address).toContain(fingerprintOf(sshd.hostKeys[index] ?? ''));
    }
  });

  it('is found in the global file and by HostKeyAlias', async () => {
    const sshd = await start({ clientConfig: ['HostKeyAlias the-guest', 'UserKnownHostsFile none'] });
    const global = join(sshd.folder, 'global');
    writeFileSync(global, `the-guest ${publicKey(sshd.hostKeys[0] ?? '')}\n`);
    writeFileSync(
      sshd.sshConfig,
      readFileSync(sshd.sshConfig, 'utf8').replace(
        'GlobalKnownHostsFile none',
        `GlobalKnownHostsFile ${global}`,
      ),
    );
    await open(sshd);
  });
});

describe('an unknown host key', () => {
  it('is refused with its fingerprint, the file and what to try', async () => {
    const sshd = await start();
    writeFileSync(sshd.knownHosts, '');
    const failing = open(sshd);
    await expect(failing).rejects.toMatchObject({
      code: 'host-key-unknown',
      exitCode: 4,
      hint: expect.stringContaining('--accept-new'),
    });
    await expect(failing).rejects.toThrow(fingerprintOf(sshd.hostKeys[0] ?? ''));
    await expect(failing).rejects.toThrow(sshd.knownHosts);
    expect(readFileSync(sshd.knownHosts, 'utf8')).toBe('');
    expect(sshd.log()).not.toContain('Accepted');
  });

  it('is accepted once with acceptNew, and OpenSSH knows it then', async () => {
    const sshd = await start({ clientConfig: ['HashKnownHosts yes'] });
    writeFileSync(sshd.knownHosts, '');
    await open(sshd, { acceptNew: true });
    expect(readFileSync(sshd.knownHosts, 'utf8')).toMatch(/^\|1\|/);
    expect(opensshConnects(sshd)).toBe(true);
    await open(sshd);
  });

  it.each(['accept-new', 'no'])(
    'is accepted where ssh_config says StrictHostKeyChecking %s',
    async (strict) => {
      const sshd = await start({ clientConfig: [`StrictHostKeyChecking ${strict}`] });
      writeFileSync(sshd.knownHosts, '');
      await open(sshd);
      expect(readFileSync(sshd.knownHosts, 'utf8')).toContain(`[127.0.0.1]:${sshd.port}`);
    },
  );

  it.each([
    ['yes', true],
    ['no', false],
    [undefined, false],
  ])('is asked about where somebody can be asked (answer: %s)', async (answer, accepted) => {
    const sshd = await start();
    writeFileSync(sshd.knownHosts, '');
    const prompts: string[] = [];
    const opening = open(sshd, {
      ask: async ({ prompt }) => {
        prompts.push(prompt);
        return answer;
      },
    });
    if (accepted) await opening;
    else await expect(opening).rejects.toMatchObject({ code: 'host-key-unknown' });
    expect(prompts).toHaveLength(1);
    expect(prompts[0]).toContain(fingerprintOf(sshd.hostKeys[0] ?? ''));
    expect(readFileSync(sshd.knownHosts, 'utf8') !== '').toBe(accepted);
  });

  it('is asked about once, though keys are exchanged again later', async () => {
    const sshd = await start({ config: ['RekeyLimit 64K'] });
    writeFileSync(sshd.knownHosts, '');
    let asked = 0;
    const guest = await open(sshd, {
      ask: async () => {
        asked++;
        return 'yes';
      },
    });
    expect((await guest.exec(['head', '-c', '500000', '/dev/zero'])).stdout).toHaveLength(500_000);
    expect(asked).toBe(1);
    expect(readFileSync(sshd.knownHosts, 'utf8').trim().split('\n')).toHaveLength(1);
  });

  it('is not asked about where ssh_config says StrictHostKeyChecking yes', async () => {
    const sshd = await start({ clientConfig: ['StrictHostKeyChecking yes'] });
    writeFileSync(sshd.knownHosts, '');
    let asked = 0;
    await expect(open(sshd, { ask: async () => String(asked++) })).rejects.toMatchObject({
      code: 'host-key-unknown',
    });
    expect(asked).toBe(0);
  });
});

describe('a changed host key', () => {
  it.each(['ask', 'accept-new', 'no'])(
    'is refused with StrictHostKeyChecking %s and acceptNew, naming the line and both fingerprints',
    async (strict) => {
      const sshd = await start({ clientConfig: [`StrictHostKeyChecking ${strict}`] });
      const other = makeKey(join(sshd.folder, 'other'));
      writeFileSync(sshd.knownHosts, `# mine\n[127.0.0.1]:${sshd.port} ${publicKey(other)}\n`);
      const failing = open(sshd, { acceptNew: true, ask: async () => 'yes' });
      await expect(failing).rejects.toMatchObject({
        code: 'host-key-changed',
        exitCode: 4,
        hint: expect.stringContaining('ssh-keygen -R'),
      });
      await expect(failing).rejects.toThrow(`${sshd.knownHosts}:2`);
      await expect(failing).rejects.toThrow(fingerprintOf(other));
      await expect(failing).rejects.toThrow(fingerprintOf(sshd.hostKeys[0] ?? ''));
      expect(sshd.log()).not.toContain('Accepted');
    },
  );

  it('is what a revoked one is called when it is revoked', async () => {
    const sshd = await start();
    appendFileSync(sshd.knownHosts, `@revoked * ${publicKey(sshd.hostKeys[0] ?? '')}\n`);
    await expect(open(sshd, { acceptNew: true })).rejects.toMatchObject({
      code: 'host-key-revoked',
      exitCode: 4,
    });
    expect(opensshConnects(sshd)).toBe(false);
  });
});
