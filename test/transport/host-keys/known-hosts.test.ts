import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  hostKeyAlgorithms,
  judgeHostKey,
  readKnownKeys,
  rememberHostKey,
} from '../../../src/transport/host-keys/host-keys.js';
import { fingerprint, matchesHost, parseKnownHosts } from '../../../src/transport/host-keys/known-hosts.js';
import { makeKey, publicKey } from '../../support/ssh/sshd.js';

let folder: string;
let keys: Record<'ed25519' | 'other' | 'rsa', string>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gclab-known-'));
  keys = {
    ed25519: makeKey(join(folder, 'ed25519')),
    other: makeKey(join(folder, 'other')),
    rsa: makeKey(join(folder, 'rsa'), 'rsa'),
  };
});
afterAll(() => rmSync(folder, { recursive: true }));

const blob = (name: keyof typeof keys): Buffer =>
  Buffer.from(publicKey(keys[name]).split(' ')[1] ?? '', 'base64');

/** The line numbers that `ssh-keygen -F` finds for a host. */
function reference(file: string, name: string): number[] {
  const { stdout } = spawnSync('ssh-keygen', ['-F', name, '-f', file], { encoding: 'utf8' });
  return [...stdout.matchAll(/found: line (\d+)/g)].map((match) => Number(match[1]));
}

function ours(file: string, name: string): number[] {
  const entries = parseKnownHosts(readFileSync(file, 'utf8'), file);
  return entries.filter((entry) => matchesHost(entry, name)).map((entry) => entry.line);
}

async function judge(lines: readonly string[], name: string, key: Buffer) {
  const file = join(folder, 'judge');
  writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
  return judgeHostKey(await readKnownKeys({ keyName: name, knownHostsFiles: [file] }), key);
}

describe('known_hosts', () => {
  it('finds what ssh-keygen -F finds', () => {
    const key = publicKey(keys.ed25519);
    const lines = [
      '# a comment',
      '',
      `h1 ${key}`,
      `H2,10.0.0.2 ${key} with a comment`,
      `[h2]:2222 ${key}`,
      `*.lab,!bad.lab ${key}`,
      `!x.lab,*.lab ${key}`,
      `h? ${key}`,
      `[::1]:2200 ${key}`,
      `::1 ${key}`,
      `@revoked h9 ${key}`,
      `@cert-authority *.ca ${key}`,
      `  h10\t${key}`,
      'half',
      `@unknown h11 ${key}`,
    ];
    const plain = join(folder, 'plain');
    writeFileSync(plain, `${lines.join('\n')}\n`);
    const names = [
      'h1',
      'h2',
      'H2',
      '10.0.0.2',
      '[h2]:2222',
      '[h2]:22',
      'a.lab',
      'bad.lab',
      'x.lab',
      'h',
      'h3',
      'h33',
      '[::1]:2200',
      '::1',
      'h9',
      'a.ca',
      'h10',
      'half',
      'h11',
      '*.lab',
      '#',
    ];
    for (const name of names) expect([name, ours(plain, name)]).toEqual([name, reference(plain, name)]);
  });

  it('passes over a key that is not of the type it says', () => {
    expect(parseKnownHosts('h ssh-ed25519 AAAA\nh ssh-rsa \nh\n', 'f')).toEqual([]);
    expect(parseKnownHosts(`h ssh-rsa ${blob('ed25519').toString('base64')}`, 'f')).toEqual([]);
  });

  it('finds hashed names as ssh-keygen -F does', () => {
    const file = join(folder, 'hashed');
    writeFileSync(
      file,
      ['h1', '[h2]:2222', 'h3,10.0.0.3'].map((name) => `${name} ${publicKey(keys.ed25519)}\n`).join(''),
    );
    execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' });
    expect(readFileSync(file, 'utf8')).toMatch(/^(?:\|1\|.*\n)+$/);
    for (const name of ['h1', '[h2]:2222', 'h2', 'h3', '10.0.0.3', 'h4']) {
      expect([name, ours(file, name)]).toEqual([name, reference(file, name)]);
    }
  });

  it('matches any pattern as ssh-keygen -F does', { timeout: 60_000 }, () => {
    const file = join(folder, 'patterns');
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', '*', '?', '.', '!'),
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 3 }),
        fc.stringMatching(/^[ab.]{1,6}$/),
        (patterns, name) => {
          writeFileSync(file, `${patterns.join(',')} ${publicKey(keys.ed25519)}\n`);
          expect(ours(file, name)).toEqual(reference(file, name));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('prints fingerprints as ssh-keygen -l does', () => {
    const printed = execFileSync('ssh-keygen', ['-lf', `${keys.rsa}.pub`], { encoding: 'utf8' });
    expect(printed).toContain(fingerprint(blob('rsa')));
  });
});

describe('judgeHostKey', () => {
  it('knows a key', async () => {
    expect(await judge([`h ${publicKey(keys.ed25519)}`], 'h', blob('ed25519'))).toMatchObject({
      kind: 'known',
      entry: { line: 1 },
    });
  });

  it('does not know a host without a line', async () => {
    expect((await judge([`h ${publicKey(keys.ed25519)}`], 'i', blob('ed25519'))).kind).toBe('unknown');
  });

  it('calls another key of the same type changed, and names its line', async () => {
    expect(await judge(['# x', `h ${publicKey(keys.other)}`], 'h', blob('ed25519'))).toMatchObject({
      kind: 'changed',
      entry: { line: 2 },
    });
  });

  it('calls a key changed where only other types are known', async () => {
    expect((await judge([`h ${publicKey(keys.rsa)}`], 'h', blob('ed25519'))).kind).toBe('changed');
  });

  it('takes one of several keys', async () => {
    const lines = [`h ${publicKey(keys.other)}`, `h ${publicKey(keys.ed25519)}`];
    expect((await judge(lines, 'h', blob('ed25519'))).kind).toBe('known');
  });

  it('refuses a revoked key, also where another line knows it', async () => {
    const lines = [`h ${publicKey(keys.ed25519)}`, `@revoked * ${publicKey(keys.ed25519)}`];
    expect(await judge(lines, 'h', blob('ed25519'))).toMatchObject({ kind: 'revoked', entry: { line: 2 } });
  });

  it('takes a key that is known for the host without its port, as ssh does', async () => {
    expect((await judge([`h ${publicKey(keys.ed25519)}`], '[h]:2222', blob('ed25519'))).kind).toBe('known');
    expect((await judge([`h ${publicKey(keys.other)}`], '[h]:2222', blob('ed25519'))).kind).toBe('unknown');
  });

  it('trusts no plain key because of a certificate authority', async () => {
    expect((await judge([`@cert-authority h ${publicKey(keys.ed25519)}`], 'h', blob('ed25519'))).kind).toBe(
      'unknown',
    );
  });
});

describe('hostKeyAlgorithms', () => {
  it('asks for known types first, so that a server with several shows one that can be checked', async () => {
    const file = join(folder, 'types');
    writeFileSync(file, `h ${publicKey(keys.rsa)}\n`);
    const known = await readKnownKeys({ keyName: 'h', knownHostsFiles: [file] });
    expect(hostKeyAlgorithms(known).slice(0, 3)).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519']);
  });
});

describe('rememberHostKey', () => {
  it.each([true, false])(
    'appends a line that ssh-keygen -F finds (hashed: %s), also after a cut line',
    async (hashKnownHosts) => {
      const file = join(folder, `new-${hashKnownHosts}`, 'known_hosts');
      await rememberHostKey({ keyName: '[h]:2222', knownHostsFiles: [file], hashKnownHosts }, blob('rsa'));
      writeFileSync(file, readFileSync(file, 'utf8').trimEnd());
      await rememberHostKey({ keyName: 'i', knownHostsFiles: [file], hashKnownHosts }, blob('ed25519'));
      expect(reference(file, '[h]:2222')).toEqual([1]);
      expect(reference(file, 'i')).toEqual([2]);
      expect(readFileSync(file, 'utf8').includes('2222')).toBe(!hashKnownHosts);
    },
  );
});
