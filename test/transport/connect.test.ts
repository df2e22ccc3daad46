import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostTarget } from '../../src/inventory/targets.js';
import type { Guest } from '../../src/model.js';
import { connect } from '../../src/transport/connect.js';
import { type Sshd, startSshd } from '../support/ssh/sshd.js';
import { connectSettings } from './settings.js';

let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());

describe.each(['ssh', 'local'] as const)('a guest of kind %s', (kind) => {
  let guest: Guest;
  beforeAll(async () => {
    guest = await connect(hostTarget(kind === 'ssh' ? 'guest' : 'local', sshd.sshConfig), connectSettings());
  });
  afterAll(() => guest.close());

  it('runs a command and tells its status and both outputs', async () => {
    const result = await guest.exec(['sh', '-c', 'echo out; echo err >&2; exit 3']);
    expect(result).toMatchObject({
      exitCode: 3,
      signal: null,
      stdout: 'out\n',
      stderr: 'err\n',
      timedOut: false,
    });
  });

  it('gives stdin to the command', async () => {
    expect((await guest.exec(['cat'], { stdin: 'given' })).stdout).toBe('given');
  });

  it('streams a command', async () => {
    const stream = await guest.stream(['sh', '-c', 'read line; echo "got $line"; exit 4']);
    stream.stdin.write('one\n');
    const [chunk] = (await once(stream.stdout, 'data')) as [Buffer];
    expect(chunk.toString()).toBe('got one\n');
    expect((await stream.done).exitCode).toBe(4);
  });

  it('reaches a port on the loopback', async () => {
    const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const socket = await guest.connectTcp(port);
    socket.end('GET / HTTP/1.0\r\n\r\n');
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    expect(text).toContain('hello');
    server.close();
  });
});
