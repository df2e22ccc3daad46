import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { expect, it } from 'vitest';
import { hostTarget } from '../../../src/inventory/targets.js';
import { connect } from '../../../src/transport/connect.js';
import { makeKey, publicKey } from '../../support/ssh/sshd.js';
import { connectSettings } from '../settings.js';

it('a command whose start, output, status and close come in one piece has them all', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gclab-quick-'));
  const key = makeKey(join(folder, 'key'));
  // No sshd can be made to send them in one piece every time.
  const server = new ssh2.Server({ hostKeys: [readFileSync(key)] }, (client) => {
    const { _sock: socket } = client as unknown as { _sock: Socket };
    client.on('error', () => {});
    client.on('authentication', (attempt) => attempt.accept());
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec) => {
        socket.cork();
        const channel = acceptExec();
        channel.write('quick\n');
        channel.exit(7);
        channel.end();
        setImmediate(() => socket.uncork());
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  writeFileSync(join(folder, 'known_hosts'), `[127.0.0.1]:${port} ${publicKey(key)}\n`);
  const sshConfig = join(folder, 'config');
  writeFileSync(sshConfig, `Host *\n IdentityFile ${key}\n UserKnownHostsFile ${folder}/known_hosts\n`);
  const guest = await connect(hostTarget(`127.0.0.1:${port}`, sshConfig), connectSettings());
  expect(await guest.exec(['true'])).toMatchObject({ exitCode: 7, stdout: 'quick\n' });
  await guest.close();
  server.close();
  rmSync(folder, { recursive: true });
});
