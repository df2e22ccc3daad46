import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { type Account, accountsPrefix } from './accounts.js';

/** A real sshd on loopback, in a folder of its own. */
export interface Sshd {
  readonly host: string;
  readonly port: number;
  readonly folder: string;
  /** A private key that its authorized_keys has. */
  readonly key: string;
  /** A known_hosts that has its host keys. */
  readonly knownHosts: string;
  /** An ssh_config with the host `guest`, which is this sshd. */
  readonly sshConfig: string;
  readonly hostKeys: readonly string[];
  readonly pid: number;
  readonly user: string;
  /** What sshd logged so far. */
  log(): string;
  stop(): Promise<void>;
}

export interface SshdOptions {
  /** Lines of sshd_config; the first of a keyword wins, and these come first. */
  readonly config?: readonly string[];
  readonly host?: string;
  readonly hostKeyTypes?: readonly string[];
  /** Users that only this sshd sees; `guest` logs in as the first of them. */
  readonly accounts?: readonly Account[];
  /** More lines for the host `guest` in ssh_config. */
  readonly clientConfig?: readonly string[];
  /** What starts it, such as `unshare`. */
  readonly startedBy?: readonly string[];
}

/** Starts one; resolves once it listens. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'gclab-sshd-'));
  const host = options.host ?? '127.0.0.1';
  const port = await freePort(host);
  const hostKeys = (options.hostKeyTypes ?? ['ed25519']).map((type) =>
    makeKey(join(folder, `host_${type}`), type),
  );
  const key = makeKey(join(folder, 'id_ed25519'), 'ed25519');
  writeFileSync(join(folder, 'authorized_keys'), readFileSync(`${key}.pub`), { mode: 0o644 });
  const knownHosts = join(folder, 'known_hosts');
  writeFileSync(knownHosts, hostKeys.map((file) => `[${host}]:${port} ${publicKey(file)}\n`).join(''));
  const sshConfig = join(folder, 'ssh_config');
  const accounts = options.accounts ?? [];
  const user = accounts[0]?.name ?? userInfo().username;
  writeFileSync(sshConfig, clientConfig({ host, port, user, key, knownHosts }, options.clientConfig ?? []));
  writeFileSync(
    join(folder, 'sshd_config'),
    serverConfig(folder, host, port, hostKeys, options.config ?? []),
  );
  const { child, log } = await listen(folder, [
    ...(options.startedBy ?? []),
    ...accountsPrefix(folder, accounts),
  ]);
  return {
    host,
    port,
    folder,
    key,
    knownHosts,
    sshConfig,
    hostKeys,
    pid: child.pid ?? 0,
    user,
    log,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill();
        await once(child, 'exit');
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Makes a key pair and returns the private file's path. */
export function makeKey(file: string, type = 'ed25519', passphrase = '', comment = 'test'): string {
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', comment, '-f', file]);
  return file;
}

/** `ssh-ed25519 AAAA…` of a private key's file. */
export function publicKey(file: string): string {
  return readFileSync(`${file}.pub`, 'utf8').trim().split(' ').slice(0, 2).join(' ');
}

/** A port that nothing listens on. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + ((process.pid * PORTS_EACH + taken++) % PORTS);
    const server = createServer().listen(port, host);
    const isFree = await once(server, 'listening').then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE') return false;
        throw error;
      },
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

// Below those that Linux gives out by itself (ip(7), ip_local_port_range), and in a part of each process's own: what is free stays so
// until who asked for it listens there.
const FIRST_PORT = 10_000;
const PORTS = 20_000;
const PORTS_EACH = 100;
let taken = 0;

function clientConfig(
  to: { host: string; port: number; user: string; key: string; knownHosts: string },
  more: readonly string[],
): string {
  const lines = [
    ...more,
    `HostName ${to.host}`,
    `Port ${to.port}`,
    `User ${to.user}`,
    `IdentityFile ${to.key}`,
    'IdentitiesOnly yes',
    `UserKnownHostsFile ${to.knownHosts}`,
    'GlobalKnownHostsFile none',
  ];
  return `Host guest\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

function serverConfig(
  folder: string,
  host: string,
  port: number,
  hostKeys: readonly string[],
  overrides: readonly string[],
): string {
  const defaults = [
    `ListenAddress ${host.includes(':') ? `[${host}]` : host}:${port}`,
    ...hostKeys.map((file) => `HostKey ${file}`),
    `AuthorizedKeysFile ${folder}/authorized_keys`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin yes',
    'PidFile none',
    'PrintMotd no',
    'LogLevel VERBOSE',
    'MaxStartups 100',
    'Subsystem sftp internal-sftp',
  ];
  // Of some keywords sshd takes the last and not the first, so none comes twice.
  const keywords = new Set(overrides.map(keyword));
  const lines = [...overrides, ...defaults.filter((line) => !keywords.has(keyword(line)))];
  return `${lines.join('\n')}\n`;
}

function keyword(line: string): string {
  return line.split(' ')[0]?.toLowerCase() ?? '';
}

async function listen(
  folder: string,
  prefix: readonly string[],
): Promise<{ child: ChildProcess; log: () => string }> {
  // sshd as root wants its privilege separation folder, which a container without an init does not make.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  chmodSync(folder, 0o755);
  const [program = '', ...args] = [
    ...prefix,
    '/usr/sbin/sshd',
    '-D',
    '-e',
    '-f',
    join(folder, 'sshd_config'),
  ];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`sshd ended with ${code}: ${text}`)));
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('Server listening on')) resolve();
    });
  });
  child.removeAllListeners('exit');
  return { child, log: () => text };
}
