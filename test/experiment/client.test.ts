import { Agent, createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { describeAnswer } from '../../src/cli/drive/describe.js';
import { GclabError } from '../../src/errors.js';
import { ExperimentClient } from '../../src/experiment/client.js';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function asking(answer: RequestListener, timeoutMs = 5_000): Promise<ExperimentClient> {
  server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server?.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const signal = new AbortController().signal;
  return new ExperimentClient({ agent: new Agent(), port, target: 'guest', timeoutMs, signal });
}

async function codeOf(asked: Promise<unknown>): Promise<string> {
  try {
    await asked;
    return 'no error';
  } catch (error) {
    if (error instanceof GclabError) return error.code;
    throw error;
  }
}

describe('a guest whose answers are', () => {
  it.each<[string, RequestListener, string]>([
    ['huge', (_, to) => void to.end(`{"heap":"${'x'.repeat(1_000_000)}"}`), 'guest-answer'],
    [
      'truncated',
      (_, to) => void to.writeHead(200, { 'content-length': '99' }).write('{"heap"', () => to.destroy()),
      'program-gone',
    ],
    ['slow', () => {}, 'remote-timeout'],
    ['endless', (_, to) => void setInterval(() => to.write(' '), 20).unref(), 'remote-timeout'],
    ['no JSON', (_, to) => void to.end('memstats:'), 'guest-answer'],
    ['of another shape', (_, to) => void to.end('{"heap":{"allocBytes":"many"}}'), 'guest-answer'],
    ['negative', (_, to) => void to.end('{"heap":{"allocBytes":-1}}'), 'guest-answer'],
    [
      'elsewhere',
      (_, to) => void to.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      'guest-answer',
    ],
    ['a refusal', (_, to) => void to.writeHead(400).end('{"error":{"message":"no"}}'), 'request-refused'],
    ['cut off', (from) => void from.socket.destroy(), 'program-gone'],
  ])('%s is told apart', async (_, answer, code) => {
    const client = await asking(answer, 500);
    expect(await codeOf(client.gc())).toBe(code);
  });

  it('full of keys of its own: only figures with a name are shown', async () => {
    const heap = { allocBytes: 1_024 };
    const client = await asking((_, to) => void to.end(JSON.stringify({ heap, added: 5, '\u001b[2J': 7 })));
    const { heap: known, ...more } = await client.add(5);
    expect(describeAnswer({ heap: known, more })).toBe('added 5 B, heap 1 KiB');
  });
});
