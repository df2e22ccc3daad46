import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** @typedef {{ configFile: string, alias: string, port: number, folder: string, stop: () => Promise<void> }} LoopbackSshd */

const PROGRAMS = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/sbin/sshd'];

/** @param {string} folder @param {string} name */
function makeKey(folder, name) {
  const file = join(folder, name);
  const ended = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file], {
    stdio: ['ignore', 2, 2],
  });
  if (ended.status !== 0) throw new Error('ssh-keygen failed');
  return { file, publicKey: readFileSync(`${file}.pub`, 'utf8') };
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/**
 * Starts a real sshd on loopback with keys of its own, for the current user alone, and an ssh_config that reaches it under
 * `alias` with nothing but these keys. `stop` ends it and removes its folder.
 * @param {string} alias
 * @returns {Promise<LoopbackSshd>}
 */
export async function startLoopbackSshd(alias) {
  const program = PROGRAMS.find((path) => existsSync(path));
  if (program === undefined) throw new Error('sshd is missing: install openssh-server');
  const folder = mkdtempSync(join(tmpdir(), 'gclab-sshd-'));
  const port = await freePort();
  writeConfiguration(folder, alias, port);
  // sshd refuses to start without its chroot folder, which only an init script makes.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
  const server = spawn(program, ['-D', '-e', '-f', join(folder, 'sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  try {
    await listening(server, ended);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    configFile: join(folder, 'ssh_config'),
    alias,
    port,
    folder,
    stop: async () => {
      server.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @param {string} folder @param {string} alias @param {number} port */
function writeConfiguration(folder, alias, port) {
  const host = makeKey(folder, 'host_key');
  const user = makeKey(folder, 'user_key');
  writeFileSync(join(folder, 'authorized_keys'), user.publicKey, { mode: 0o600 });
  writeFileSync(join(folder, 'known_hosts'), `[127.0.0.1]:${port} ${host.publicKey}`);
  const server = {
    ListenAddress: `127.0.0.1:${port}`,
    HostKey: host.file,
    AuthorizedKeysFile: join(folder, 'authorized_keys'),
    PidFile: 'none',
    // Under a temporary folder that others may write to; the keys themselves are ours alone.
    StrictModes: 'no',
    PasswordAuthentication: 'no',
    KbdInteractiveAuthentication: 'no',
    PermitRootLogin: 'prohibit-password',
    UsePAM: 'no',
  };
  const client = {
    HostName: '127.0.0.1',
    Port: port,
    User: userInfo().username,
    IdentityFile: user.file,
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    UserKnownHostsFile: join(folder, 'known_hosts'),
    GlobalKnownHostsFile: '/dev/null',
  };
  writeFileSync(join(folder, 'sshd_config'), lines(server, ''));
  writeFileSync(join(folder, 'ssh_config'), `Host ${alias}\n${lines(client, '  ')}`);
}

/** @param {Record<string, string | number>} options @param {string} indent */
function lines(options, indent) {
  return Object.entries(options)
    .map(([key, value]) => `${indent}${key} ${value}\n`)
    .join('');
}

/** @param {import('node:child_process').ChildProcess} server @param {Promise<unknown>} ended @returns {Promise<void>} */
async function listening(server, ended) {
  let said = '';
  const up = new Promise((resolve) => {
    server.stderr?.on('data', (/** @type {Buffer} */ piece) => {
      said += piece.toString();
      if (said.includes('Server listening')) resolve(true);
    });
  });
  if ((await Promise.race([up, ended.then(() => false)])) !== true)
    throw new Error(`sshd did not start:\n${said}`);
}
