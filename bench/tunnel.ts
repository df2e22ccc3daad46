/** `node scripts/run-ts.js bench/tunnel.ts`: a request through the tunnel beside the same one through `ssh -L`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { ExperimentClient } from '../src/experiment/client.js';
import { hostTarget } from '../src/inventory/targets.js';
import { connect } from '../src/transport/connect.js';
import { TunnelAgent } from '../src/transport/tunnel/tunnel.js';
import { freePort, startSshd } from '../test/support/ssh/sshd.js';
import { median } from './median.js';

const ROUNDS = 15;
const REQUESTS = 200;
const IN_A_ROW = 1_000;

const server = await startSshd();
const port = await freePort();
const gcexp = `dist/gcexp-linux-${process.arch === 'x64' ? 'amd64' : process.arch}`;
const experiment = spawn(gcexp, ['-interactive', '-listen', `127.0.0.1:${port}`], { stdio: 'ignore' });
const forwarded = await freePort();
const ssh = spawn('ssh', ['-F', server.sshConfig, '-N', '-L', `${forwarded}:127.0.0.1:${port}`, 'guest'], {
  stdio: 'ignore',
});
try {
  await Promise.all([listens(port), listens(forwarded)]);
  await compare();
} finally {
  await Promise.all([experiment, ssh].map(end));
  await server.stop();
}

async function compare(): Promise<void> {
  const guest = await connect(hostTarget('guest', server.sshConfig), {
    acceptNew: false,
    connectTimeoutMs: 20_000,
    keepaliveMs: 5_000,
    env: process.env,
  });
  const tunnel = new TunnelAgent(() => guest, { maxSockets: 1 });
  const plain = new Agent({ keepAlive: true, maxSockets: 1 });
  const own = clientOf(tunnel, port);
  const floor = clientOf(plain, forwarded);
  const times: { own: number[]; floor: number[] } = { own: [], floor: [] };
  for (let round = -2; round < ROUNDS; round += 1) {
    const [ownMs, floorMs] = [await timed(own, REQUESTS), await timed(floor, REQUESTS)];
    if (round < 0) continue;
    times.own.push(ownMs / REQUESTS);
    times.floor.push(floorMs / REQUESTS);
  }
  const inARow = await timed(own, IN_A_ROW);
  tunnel.destroy();
  plain.destroy();
  await guest.close();
  const [a, b] = [median(times.own), median(times.floor)];
  process.stdout.write(
    `A /stats request\n  through the tunnel  ${a.toFixed(3)} ms\n  through ssh -L      ${b.toFixed(3)} ms\n  ratio ${(a / b).toFixed(2)}, goal ≤ 1.15\n` +
      `${IN_A_ROW} /stats in a row over one connection: ${(inARow / 1_000).toFixed(2)} s\n`,
  );
}

type Ask = () => Promise<unknown>;

function clientOf(agent: Agent, to: number): Ask {
  const client = new ExperimentClient({ agent, target: 'guest' });
  const { signal } = new AbortController();
  return () => client.ask({ do: 'stats' }, to, '', signal);
}

async function timed(ask: Ask, count: number): Promise<number> {
  const startedAt = performance.now();
  for (let request = 0; request < count; request += 1) await ask();
  return performance.now() - startedAt;
}

/** Tries until something listens there; each try is a connection attempt, which ends by itself. */
async function listens(at: number): Promise<void> {
  for (const deadline = performance.now() + 20_000; performance.now() < deadline; ) {
    const socket = connectTcp(at, '127.0.0.1');
    const answered = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (answered) return;
  }
  throw new Error(`nothing listens on ${at}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill();
  await once(child, 'exit');
}
