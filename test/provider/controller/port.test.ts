import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../../src/provider/controller/port.js';

test('the port of the last start is taken again where it is free, else another', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  expect(await freePort(port)).not.toBe(port);
  const free = await freePort(null);
  expect(await freePort(free)).toBe(free);
});
