import { execFile } from 'node:child_process';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { makeKeyPair, writeKeys, writeReach } from '../../../src/provider/vm/reach.js';
import { scratch } from '../support.js';

test('ssh reads the written file as it was meant, in a folder with odd characters', async () => {
  const folder = join(await scratch(), 'a b 100%');
  await mkdir(folder);
  const hostKey = makeKeyPair('host');
  await writeKeys(folder, makeKeyPair('me'), hostKey);
  const reach = await writeReach(folder, {
    name: 'vm1',
    host: '127.0.0.1',
    port: 2201,
    hostKey: hostKey.publicKey,
  });
  const { stdout } = await promisify(execFile)('ssh', ['-G', '-F', reach.sshConfigFile, reach.alias]);
  const lines = stdout.split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'hostname 127.0.0.1',
      'port 2201',
      'user lab',
      'identitiesonly yes',
      'stricthostkeychecking true',
    ]),
  );
  expect(lines.find((line) => line.startsWith('identityfile'))).toContain('a b 100%');
  expect((await stat(join(folder, 'id_ed25519'))).mode & 0o777).toBe(0o600);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
});

test('the standard port stands bare in known_hosts, any other in brackets', async () => {
  const folder = await scratch();
  const hostKey = makeKeyPair('host').publicKey;
  await writeReach(folder, { name: 'vm1', host: '10.0.0.5', port: 22, hostKey });
  expect(await readFile(join(folder, 'known_hosts'), 'utf8')).toMatch(/^10\.0\.0\.5 ssh-ed25519 \S+\n$/);
  await writeReach(folder, { name: 'vm1', host: '10.0.0.5', port: 23, hostKey });
  expect(await readFile(join(folder, 'known_hosts'), 'utf8')).toMatch(
    /^\[10\.0\.0\.5\]:23 ssh-ed25519 \S+\n$/,
  );
});

test('a key pair is whole, whatever its first byte is', () => {
  const lengths = Array.from({ length: 3_000 }, () => {
    const [, encoded = ''] = makeKeyPair('me').publicKey.split(' ');
    return Buffer.from(encoded, 'base64').length;
  });
  expect([...new Set(lengths)]).toEqual([4 + 11 + 4 + 32]);
});
