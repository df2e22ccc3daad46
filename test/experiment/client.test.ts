import { Agent, createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { describeAnswer } from '../../src/cli/drive/describe.js';
import { GclabError } from '../../src/errors.js';
import { type Answer, type Call, ExperimentClient } from '../../src/experiment/client.js';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

type Ask = (call: Call) => Promise<Answer>;

/** Asks a server that answers so; a deadline that passes is an error of the caller's. */
async function asking(answer: RequestListener, deadlineMs = 5_000): Promise<Ask> {
  server = createServer(answer).listen(0, '127.0.0.1');
  await new Promise((resolve) => server?.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new ExperimentClient({ agent: new Agent(), target: 'guest' });
  return (call) => {
    const late = new AbortController();
    const error = new GclabError({ code: 'remote-timeout', doing: 'asking', what: 'no answer' });
    setTimeout(() => late.abort(error), deadlineMs).unref();
    return client.ask(call, port, 'k3f9-0', late.signal);
  };
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
    const ask = await asking(answer, 500);
    expect(await codeOf(ask({ do: 'gc' }))).toBe(code);
  });

  it('full of keys of its own: only figures with a name are shown', async () => {
    const heap = { allocBytes: 1_024 };
    const ask = await asking((_, to) => void to.end(JSON.stringify({ heap, added: 5, '\u001b[2J': 7 })));
    const answer = await ask({ do: 'add', amount: { bytes: 5 } });
    expect(describeAnswer(answer)).toBe('added 5 B, heap 1 KiB');
  });
});

describe('a request', () => {
  it.each<[Call, string]>([
    [{ do: 'add', amount: { bytes: 5 } }, 'GET /add?bytes=5'],
    [{ do: 'add', amount: { bytes: 64 }, of: { bytes: 8 } }, 'GET /add?bytes=64&each=8'],
    [{ do: 'rel', amount: { bytes: 7 } }, 'GET /rel?bytes=7'],
    [{ do: 'stats' }, 'GET /stats'],
    [{ do: 'quit' }, 'POST /quit'],
  ])('%j is %s, with its key', async (call, wanted) => {
    let seen = '';
    const ask = await asking((from, to) => {
      seen = `${from.method} ${from.url}, ${from.headers['gclab-request-key']}`;
      to.writeHead(400).end('{}');
    });
    expect(await codeOf(ask(call))).toBe('request-refused');
    expect(seen).toBe(`${wanted}, k3f9-0`);
  });
});
