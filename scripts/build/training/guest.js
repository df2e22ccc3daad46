import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import ssh2 from 'ssh2';

/** What a guest said that had gcexp already, as it was recorded; `@run@` stands for the run. */
const SAID = JSON.parse(readFileSync(new URL('guest.json', import.meta.url), 'utf8'));
const NAME = 'played';

/**
 * A guest on loopback that plays one run as it was recorded, however often it is asked. Nothing is run for it: the build uses it on
 * machines that have no cgroups.
 * @returns {Promise<{ readonly flags: string[], stop(): void }>} what tells gclab of it
 */
export async function startPlayedGuest() {
  const folder = mkdtempSync(join(tmpdir(), 'gclab-played-'));
  const { private: hostKey, public: hostPublic } = wholeKeyPair();
  const { private: userKey } = wholeKeyPair();
  /** @type {Set<import('ssh2').Connection>} */
  const clients = new Set();
  const server = new ssh2.Server({ hostKeys: [hostKey], ident: 'OpenSSH_9.2p1' }, (client) => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    client.on('error', () => {});
    client.on('authentication', (login) => login.accept());
    client.on('session', (accept) => {
      accept().on('exec', (acceptCommand, _reject, { command }) => play(command, acceptCommand()));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const config = join(folder, 'config');
  const key = join(folder, 'key');
  const knownHosts = join(folder, 'known_hosts');
  writeFileSync(key, userKey, { mode: 0o600 });
  writeFileSync(knownHosts, `[127.0.0.1]:${port} ${hostPublic}\n`);
  writeFileSync(
    config,
    `Host ${NAME}
  HostName 127.0.0.1
  Port ${port}
  User root
  IdentityFile "${key}"
  IdentitiesOnly yes
  UserKnownHostsFile "${knownHosts}"
`,
  );
  return {
    flags: ['--ssh-config', config, '--host', NAME],
    stop: () => {
      for (const client of clients) client.end();
      server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** ssh2 1.17 loses a zero byte that a key begins with. @returns {{ readonly private: string, readonly public: string }} */
function wholeKeyPair() {
  const pair = ssh2.utils.generateKeyPairSync('ed25519');
  const bytes = Buffer.from(pair.public.split(' ')[1] ?? '', 'base64');
  return bytes.length === 51 ? pair : wholeKeyPair();
}

/** @param {string} command @param {import('ssh2').ServerChannel} channel */
function play(command, channel) {
  const marker = /started-[0-9a-f]+/.exec(command)?.[0] ?? '';
  channel.stderr.write(`${marker}\n`);
  const end = () => {
    channel.exit(0);
    channel.end();
  };
  const script = ['probe', 'locate'].find((name) => command.includes(` ${name} `));
  if (script !== undefined) {
    const answer = script === 'probe' ? SAID.facts : SAID.folder;
    channel.resume().once('end', () => {
      channel.write(text(answer));
      end();
    });
    return;
  }
  createInterface(channel).on('line', (line) => {
    if (line.startsWith('{')) channel.write(streamOf(JSON.parse(line).run));
    if (line === 'clean') end();
  });
}

/** As docs/wire.md has it. @param {string} run */
function streamOf(run) {
  const frames = ['journal', 'log', 'kernel'].map((kind) => {
    const said = text(SAID[kind]).replaceAll('@run@', run);
    return `${kind} 0 ${Buffer.byteLength(said)}\n${said}`;
  });
  return `gcexp-stream 1\n${frames.join('')}end 0 0\n`;
}

/** @param {readonly string[]} lines */
function text(lines) {
  return lines.map((line) => `${line}\n`).join('');
}
