import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import keygen from 'ssh2/lib/keygen.js';
import writeFileAtomic from 'write-file-atomic';
import type { Reach } from '../provider.js';

/** The user that every provider makes in its guests; may become root without a password. */
export const GUEST_USER = 'lab';

/** Puts the controller's side of a VM's keys where `writeReach` and ssh find them. */
export async function writeKeys(folder: string, client: KeyPair, hostKey: KeyPair): Promise<void> {
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o700);
  await writeFileAtomic(join(folder, 'id_ed25519'), client.privateKey, { mode: 0o600 });
  await writeFileAtomic(join(folder, 'id_ed25519.pub'), client.publicKey);
  await writeFileAtomic(join(folder, 'host_key.pub'), hostKey.publicKey);
}

/** Where a VM listens now, written so that ssh and gclab both accept its own host key and no other. */
export async function writeReach(
  folder: string,
  vm: { readonly name: string; readonly host: string; readonly port: number; readonly hostKey: string },
): Promise<Reach> {
  const knownAs = vm.port === 22 ? vm.host : `[${vm.host}]:${vm.port}`;
  const [type, key] = vm.hostKey.trim().split(' ');
  await writeFileAtomic(join(folder, 'known_hosts'), `${knownAs} ${type} ${key}\n`);
  await writeFileAtomic(join(folder, 'ssh_config'), sshConfig(folder, vm));
  return reachOf(folder, vm);
}

/** What `writeReach` wrote. */
export function reachOf(
  folder: string,
  vm: { readonly name: string; readonly host: string; readonly port: number },
): Reach {
  return {
    alias: vm.name,
    sshConfigFile: join(folder, 'ssh_config'),
    host: vm.host,
    port: vm.port,
    user: GUEST_USER,
  };
}

function sshConfig(
  folder: string,
  vm: { readonly name: string; readonly host: string; readonly port: number },
): string {
  return [
    `Host ${vm.name}`,
    `  HostName ${vm.host}`,
    `  Port ${vm.port}`,
    `  User ${GUEST_USER}`,
    `  IdentityFile ${quoted(join(folder, 'id_ed25519'))}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${quoted(join(folder, 'known_hosts'))}`,
    '  GlobalKnownHostsFile none',
    '  StrictHostKeyChecking yes',
    '',
  ].join('\n');
}

/** ssh_config takes spaces in double quotes, and expands `%`. */
function quoted(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`;
}

/** An ed25519 key pair as OpenSSH writes it. */
export interface KeyPair {
  /** A whole file. */
  readonly privateKey: string;
  /** One line with its newline. */
  readonly publicKey: string;
}

/** The type's name and 32 bytes, each behind its length. */
const PUBLIC_BYTES = 4 + 'ssh-ed25519'.length + 4 + 32;

export function makeKeyPair(comment: string): KeyPair {
  const pair = keygen.generateKeyPairSync('ed25519', { comment });
  // ssh2 1.17 loses a zero byte that a key begins with (keygen.js, parseDERs), and nobody can log in with such a one: 1 in 256.
  const [, encoded = ''] = pair.public.split(' ');
  if (Buffer.from(encoded, 'base64').length !== PUBLIC_BYTES) return makeKeyPair(comment);
  return { privateKey: pair.private.trimEnd().concat('\n'), publicKey: pair.public.trimEnd().concat('\n') };
}
