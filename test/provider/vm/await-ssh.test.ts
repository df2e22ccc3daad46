import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { awaitSsh } from '../../../src/provider/vm/await-ssh.js';
import { consoleOf } from '../../../src/provider/vm/console.js';
import { listen, scratch } from '../support.js';

async function server(onConnection: (socket: Socket, nth: number) => void) {
  let count = 0;
  const listening = createServer((socket) => {
    socket.on('error', () => undefined);
    onConnection(socket, ++count);
  }).listen(0, '127.0.0.1');
  await once(listening, 'listening');
  onTestFinished(() => void listening.close());
  return { port: (listening.address() as AddressInfo).port, connections: () => count };
}

const sshd = (port: number, changes = {}) => ({
  target: 'vm1',
  host: '127.0.0.1',
  port,
  deadlineMs: 10_000,
  ...changes,
});

test('a port that is closed at once is tried until sshd greets', async () => {
  const { port, connections } = await server((socket, nth) =>
    nth < 4 ? socket.destroy() : socket.end('SSH-2.0-OpenSSH_9\r\n'),
  );
  await awaitSsh(sshd(port), listen());
  expect(connections()).toBe(4);
});

test('a silent connection gets company after a second, not before', async () => {
  const { port, connections } = await server(() => undefined);
  await expect(awaitSsh(sshd(port, { deadlineMs: 1_500 }), listen())).rejects.toMatchObject({
    code: 'vm-silent',
    exitCode: 4,
  });
  expect(connections()).toBe(2);
});

test('a guest that is slow to greet is given the time it takes', async () => {
  const { port } = await server((socket) => {
    setTimeout(() => socket.end('SSH-2.0-OpenSSH_9\r\n'), 4_000);
  });
  await awaitSsh(sshd(port, { deadlineMs: 50_000 }), listen());
});

test('no connection is made while the guest has no network', async () => {
  const { port, connections } = await server((socket) => socket.end('SSH-2.0-OpenSSH_9\r\n'));
  let looks = 0;
  await awaitSsh(sshd(port, { isUp: async () => ++looks > 3 }), listen());
  expect([looks, connections()]).toEqual([4, 1]);
});

test('something else than an sshd is not taken for one', async () => {
  const { port } = await server((socket) => socket.end('220 mail ready\r\n'));
  await expect(awaitSsh(sshd(port, { deadlineMs: 600 }), listen())).rejects.toMatchObject({
    code: 'vm-silent',
  });
});

test('a guest that will not come up is waited for no longer, and why is told', async () => {
  const { port } = await server(() => undefined);
  const failed = new AbortController();
  const waiting = awaitSsh(sshd(port, { failed: failed.signal }), listen());
  failed.abort(new Error('the guest powered off'));
  await expect(waiting).rejects.toThrow('the guest powered off');
});

test('what is known of the guest is told while it is waited for', async () => {
  const { port } = await server((socket, nth) =>
    nth < 12 ? socket.destroy() : socket.end('SSH-2.0-OpenSSH_9\r\n'),
  );
  const work = listen();
  await awaitSsh(sshd(port, { describe: () => 'no sign of life for 12 s' }), work);
  expect(work.told.map(({ detail }) => detail)).toContain('1 s; no sign of life for 12 s');
});

test('an interruption ends the waiting', async () => {
  const { port } = await server(() => undefined);
  await expect(awaitSsh(sshd(port), listen(AbortSignal.timeout(100)))).rejects.toMatchObject({
    code: 'interrupted',
  });
});

test('a guest that never answers is told with the last line of its console', async () => {
  const { port } = await server(() => undefined);
  const file = join(await scratch(), 'console.log');
  await writeFile(file, 'starting udevd\r\n');
  await expect(
    awaitSsh(sshd(port, { console: consoleOf(file), deadlineMs: 300 }), listen()),
  ).rejects.toMatchObject({
    code: 'vm-silent',
    message: expect.stringContaining('its console ends with: starting udevd'),
    hint: expect.stringContaining(file),
  });
});
