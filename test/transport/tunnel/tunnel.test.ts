import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import fetch, { FetchError } from 'node-fetch';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { GclabError } from '../../../src/errors.js';
import { hostTarget } from '../../../src/inventory/targets.js';
import type { Guest } from '../../../src/model.js';
import { connect } from '../../../src/transport/connect.js';
import { type TunnelAgent, tunnelAgent } from '../../../src/transport/tunnel/tunnel.js';
import { startOddServer } from '../../support/ssh/odd-server.js';
import { freePort, type Sshd, startSshd } from '../../support/ssh/sshd.js';
import { connectSettings } from '../settings.js';

/** Stands in for `gcexp bridge`: joins its stdio to a port, after a login shell's noise. */
const BRIDGE = `
  const socket = require('node:net').connect({ host: '127.0.0.1', port: Number(process.argv[1]), noDelay: true });
  process.stdout.write('Welcome!\\n');
  socket.once('connect', () => { process.stdout.write('bridge 1\\n'); process.stdin.pipe(socket).pipe(process.stdout); });
  socket.once('close', () => process.exit(0));
  socket.once('error', (error) => { console.error(error.message); process.exit(7); });
`;
const bridge = (port: number) => ({
  argv: [process.execPath, '-e', BRIDGE, String(port)],
  greeting: 'bridge 1',
});

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(
  listener: RequestListener,
  options: { keepAliveTimeout?: number } = {},
): Promise<{ server: Server; url: string; connections: () => number }> {
  const server = createServer({ keepAliveTimeout: options.keepAliveTimeout ?? 60_000 }, listener);
  let connections = 0;
  server.on('connection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  return {
    server,
    url: `http://guest:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
  };
}

async function bodyBytes(request: IncomingMessage): Promise<number> {
  let bytes = 0;
  for await (const chunk of request) bytes += (chunk as Buffer).length;
  return bytes;
}

/** The GclabError behind a failed fetch. */
async function refusal(failing: Promise<unknown>, agent: TunnelAgent): Promise<GclabError> {
  await expect(failing).rejects.toBeInstanceOf(FetchError);
  const { refusal: error } = agent;
  await expect(failing).rejects.toMatchObject({ code: error?.code });
  if (error === undefined) throw new Error('the agent kept no refusal');
  return error;
}

describe.each([
  ['forwarding', 'yes'],
  ['bridge', 'no'],
] as const)('HTTP over %s (AllowTcpForwarding %s)', (via, forwarding) => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd({ config: [`AllowTcpForwarding ${forwarding}`] });
    return () => sshd.stop();
  });

  async function open(
    options: { keepaliveMs?: number; maxSockets?: number } = {},
  ): Promise<{ guest: Guest; agent: TunnelAgent }> {
    const guest = await connect(
      hostTarget('guest', sshd.sshConfig),
      connectSettings({ keepaliveMs: options.keepaliveMs ?? 5_000 }),
    );
    const agent = tunnelAgent(() => guest, {
      bridge,
      ...(options.maxSockets === undefined ? {} : { maxSockets: options.maxSockets }),
    });
    cleanups.push(
      () => guest.close(),
      () => agent.destroy(),
    );
    return { guest, agent };
  }

  it('makes 50 requests over one connection', async () => {
    const { url, connections } = await serve((request, response) => response.end(`you asked ${request.url}`));
    const { agent } = await open();
    for (let i = 0; i < 50; i++) {
      const response = await fetch(`${url}/${i}`, { agent });
      expect(await response.text()).toBe(`you asked /${i}`);
    }
    expect(connections()).toBe(1);
    expect(agent.via).toBe(via);
  });

  it('sends 3 MB and gets 3 MB back', async () => {
    const { url } = await serve(async (request, response) => {
      const bytes = await bodyBytes(request);
      response.end(Buffer.alloc(bytes, 'y'));
    });
    const { agent } = await open();
    const response = await fetch(url, { agent, method: 'POST', body: Buffer.alloc(3_000_000, 'x') });
    expect((await response.arrayBuffer()).byteLength).toBe(3_000_000);
  });

  it('keeps to its number of connections when 20 requests come at once', async () => {
    const { url, connections } = await serve((_, response) => response.end('ok'));
    const { agent } = await open({ maxSockets: 2 });
    const texts = await Promise.all(
      Array.from({ length: 20 }, async () => (await fetch(url, { agent })).text()),
    );
    expect(texts).toEqual(Array(20).fill('ok'));
    expect(connections()).toBeLessThanOrEqual(2);
  });

  it('ends a request that is aborted before an answer, and the next one works', async () => {
    const abort = new AbortController();
    const { url } = await serve((request, response) => {
      if (request.url === '/slow') abort.abort();
      else response.end('ok');
    });
    const { agent } = await open();
    await expect(fetch(`${url}/slow`, { agent, signal: abort.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(await (await fetch(url, { agent })).text()).toBe('ok');
  });

  it('ends a request that is aborted within its body, and the next one works', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/slow') response.write('half');
      else response.end('ok');
    });
    const { agent } = await open();
    const abort = new AbortController();
    const response = await fetch(`${url}/slow`, { agent, signal: abort.signal });
    response.body?.once('data', () => abort.abort());
    await expect(response.text()).rejects.toMatchObject({ name: 'AbortError' });
    expect(await (await fetch(url, { agent })).text()).toBe('ok');
  });

  it('does not take a truncated body for a whole one', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half', () => response.destroy());
    });
    const { agent } = await open();
    const response = await fetch(url, { agent });
    await expect(response.text()).rejects.toBeInstanceOf(FetchError);
  });

  it('opens another connection when the server closed an idle one', async () => {
    const { url, server, connections } = await serve((_, response) => response.end('ok'));
    const { agent } = await open();
    await (await fetch(url, { agent })).text();
    const [idle] = Object.values(agent.freeSockets).flat();
    if (idle === undefined) throw new Error('no connection was kept');
    const closed = once(idle, 'close');
    server.closeIdleConnections();
    await closed;
    expect(await (await fetch(url, { agent })).text()).toBe('ok');
    expect(connections()).toBe(2);
  });

  it('says tunnel-refused where nothing listens', async () => {
    const { agent } = await open();
    const error = await refusal(fetch(`http://guest:${await freePort()}`, { agent }), agent);
    expect(error.code).toBe('tunnel-refused');
    expect(error.exitCode).toBe(5);
  });

  it('fails a request when the connection is lost in it', async () => {
    const { guest, agent } = await open();
    const { url } = await serve(() => void guest.close());
    await expect(fetch(url, { agent })).rejects.toBeInstanceOf(FetchError);
    const error = await refusal(fetch(url, { agent }), agent);
    expect(error.code).toBe('connection-lost');
  });

  it('ends when what listens is no HTTP server', async () => {
    const server = createTcpServer((socket) => socket.end('hello\n')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => server.close());
    const { agent } = await open();
    await expect(
      fetch(`http://guest:${(server.address() as AddressInfo).port}`, { agent }),
    ).rejects.toBeInstanceOf(FetchError);
  });
});

describe('a server without forwarding', () => {
  let sshd: Sshd;
  beforeAll(async () => {
    sshd = await startSshd({ config: ['AllowTcpForwarding no', 'MaxSessions 2'] });
    return () => sshd.stop();
  });

  async function open(): Promise<Guest> {
    const guest = await connect(hostTarget('guest', sshd.sshConfig), connectSettings());
    cleanups.push(() => guest.close());
    return guest;
  }

  it('is told apart from a port where nothing listens', async () => {
    const guest = await open();
    await expect(guest.connectTcp(await freePort())).rejects.toMatchObject({
      code: 'tunnel-refused',
      why: 'forbidden',
    });
  });

  it('is told of where there is no bridge', async () => {
    const guest = await open();
    const agent = tunnelAgent(() => guest);
    expect(await refusal(fetch('http://guest:1', { agent }), agent)).toMatchObject({
      code: 'tunnel-refused',
      why: 'forbidden',
    });
  });

  it('says once that the bridge took over, whatever is connected to how often', async () => {
    const guest = await open();
    let told = 0;
    const agent = tunnelAgent(() => guest, { bridge, onBridge: () => told++ });
    for (let i = 0; i < 2; i++) {
      const { url } = await serve((_, response) => response.end('ok'));
      expect(await (await fetch(url, { agent })).text()).toBe('ok');
      agent.destroy();
    }
    expect(told).toBe(1);
  });

  it('is told with what a bridge that failed said', async () => {
    const guest = await open();
    const agent = tunnelAgent(() => guest, { bridge });
    const error = await refusal(fetch(`http://guest:${await freePort()}`, { agent }), agent);
    expect(error).toMatchObject({ code: 'tunnel-refused', why: 'bridge-failed' });
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('and whose sessions all last is told at once, not waited for', async () => {
    const guest = await open();
    for (let session = 0; session < 2; session++) {
      const stream = await guest.stream(['cat']);
      cleanups.push(() => stream.close());
    }
    const agent = tunnelAgent(() => guest, { bridge });
    await expect(agent.openAhead(await freePort())).rejects.toMatchObject({
      code: 'tunnel-refused',
      why: 'no-session',
      hint: expect.stringContaining('MaxSessions 2'),
    });
  });

  it('has a session for a bridge once the one before it has ended', async () => {
    const guest = await open();
    const stream = await guest.stream(['cat']);
    cleanups.push(() => stream.close());
    const { url } = await serve((_, response) => response.end('ok'));
    const agent = tunnelAgent(() => guest, { bridge });
    for (let i = 0; i < 3; i++) {
      expect(await (await fetch(url, { agent })).text()).toBe('ok');
      agent.destroy();
    }
  });
});

describe.each([1, 2, 3, 4])('a server that refuses to forward with reason %d', (reason) => {
  async function open(): Promise<TunnelAgent> {
    const server = await startOddServer({ refusesWith: reason });
    const guest = await connect(hostTarget('guest', server.sshConfig), connectSettings());
    const agent = tunnelAgent(() => guest, { bridge });
    cleanups.push(
      () => server.stop(),
      () => guest.close(),
      () => agent.destroy(),
    );
    return agent;
  }

  it('is reached through the bridge where something listens', async () => {
    const agent = await open();
    const { url } = await serve((_, response) => response.end('ok'));
    expect(await (await fetch(url, { agent })).text()).toBe('ok');
    expect(agent.via).toBe('bridge');
  });

  it('is told apart from a port where nothing listens', async () => {
    const agent = await open();
    const error = await refusal(fetch(`http://guest:${await freePort()}`, { agent }), agent);
    expect(error.message).toContain(reason === 2 ? 'nothing listens there' : 'ECONNREFUSED');
    expect(agent.via).toBe('forwarding');
  });
});

describe('a connection that was opened ahead', () => {
  async function open(): Promise<TunnelAgent> {
    const sshd = await startSshd();
    const guest = await connect(hostTarget('guest', sshd.sshConfig), connectSettings());
    const agent = tunnelAgent(() => guest);
    cleanups.push(
      () => sshd.stop(),
      () => guest.close(),
      () => agent.destroy(),
    );
    return agent;
  }

  it('is the one that the first request goes over', async () => {
    const agent = await open();
    const { url, connections } = await serve((_, response) => response.end('ok'));
    await agent.openAhead(Number(new URL(url).port));
    expect(await (await fetch(url, { agent })).text()).toBe('ok');
    expect(connections()).toBe(1);
  });

  it('is replaced where the server closed it before anybody asked', async () => {
    const agent = await open();
    const { url, server, connections } = await serve((_, response) => response.end('ok'));
    const [accepted] = await Promise.all([
      once(server, 'connection') as Promise<[Socket]>,
      agent.openAhead(Number(new URL(url).port)),
    ]);
    accepted[0].destroy();
    await expect
      .poll(async () => await (await fetch(url, { agent })).text().catch(String), { timeout: 10_000 })
      .toBe('ok');
    expect(connections()).toBe(2);
  });

  it('is refused where nothing listens', async () => {
    const agent = await open();
    await expect(agent.openAhead(await freePort())).rejects.toMatchObject({ code: 'tunnel-refused' });
  });
});
