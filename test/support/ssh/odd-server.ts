import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection, ServerChannel } from 'ssh2';
import ssh2 from 'ssh2';
import { makeKey, publicKey } from './sshd.js';

/** An SSH server on loopback that no OpenSSH can be set to be. It lets in who has its key. */
export interface OddServer {
  /** An ssh_config with the host `guest`, which is this server. */
  readonly sshConfig: string;
  stop(): void;
}

export interface OddServerOptions {
  /** The reason (RFC 4254, 5.1) with which it refuses to forward: 1 to 4. */
  readonly refusesWith: number;
  /** How many sessions a connection may have at once. */
  readonly sessions?: number;
}

export async function startOddServer({ refusesWith, sessions = 10 }: OddServerOptions): Promise<OddServer> {
  const folder = mkdtempSync(join(tmpdir(), 'gclab-odd-'));
  const [hostKey, key] = ['host', 'user'].map((name) => makeKey(join(folder, name))) as [string, string];
  const connections = new Set<Connection>();
  const server = new ssh2.Server({ hostKeys: [readFileSync(hostKey)] }, (client) => {
    connections.add(client);
    client.on('error', () => {});
    authenticate(client, key);
    client.on('tcpip', (_, reject) => refuse(client, refusesWith, reject));
    serveSessions(client, sessions);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const knownHosts = join(folder, 'known_hosts');
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${publicKey(hostKey)}\n`);
  const sshConfig = join(folder, 'ssh_config');
  const lines = [
    ...['HostName 127.0.0.1', `Port ${port}`, `IdentityFile ${key}`, 'IdentitiesOnly yes'],
    ...[`UserKnownHostsFile ${knownHosts}`, 'GlobalKnownHostsFile none'],
  ];
  writeFileSync(sshConfig, `Host guest\n${lines.map((line) => `  ${line}\n`).join('')}`);
  return {
    sshConfig,
    stop: () => {
      for (const client of connections) client.end();
      server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function authenticate(client: Connection, key: string): void {
  const known = ssh2.utils.parseKey(readFileSync(`${key}.pub`));
  if (known instanceof Error) throw known;
  client.on('authentication', (context) => {
    if (context.method !== 'publickey' || !context.key.data.equals(known.getPublicSSH())) {
      return context.reject(['publickey']);
    }
    const { signature, blob } = context;
    if (signature === undefined || blob === undefined) return context.accept();
    return known.verify(blob, signature) === true ? context.accept() : context.reject(['publickey']);
  });
}

/** ssh2's own `reject` knows one reason only. */
function refuse(client: Connection, reason: number, reject: (() => void) | undefined): void {
  const { _protocol: protocol } = client as unknown as {
    _protocol: { channelOpenFail(recipient: number, reason: number, description: string): void };
  };
  const fail = protocol.channelOpenFail;
  protocol.channelOpenFail = (recipient, _, description) =>
    fail.call(protocol, recipient, reason, description);
  reject?.();
  protocol.channelOpenFail = fail;
}

function serveSessions(client: Connection, most: number): void {
  let open = 0;
  client.on('session', (accept, reject) => {
    if (open >= most) return reject?.();
    open += 1;
    const session = accept();
    session.once('close', () => {
      open -= 1;
    });
    session.on('exec', (acceptExec, _, { command }) => run(command, acceptExec()));
    return undefined;
  });
}

function run(command: string, channel: ServerChannel): void {
  const child = spawn('/bin/sh', ['-c', command]);
  channel.pipe(child.stdin);
  child.stdin.on('error', () => {});
  child.stdout.on('data', (data: Buffer) => channel.write(data));
  child.stderr.on('data', (data: Buffer) => channel.stderr.write(data));
  child.once('close', (code) => {
    channel.exit(code ?? 1);
    channel.end();
    channel.close();
  });
}
