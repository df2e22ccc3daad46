import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ServerHostKeyAlgorithm } from 'ssh2';
import type { Endpoint } from '../config/endpoint.js';
import { hashName, type KnownHost, keyType, matchesHost, parseKnownHosts } from './known-hosts.js';

export type HostKeyVerdict =
  | { readonly kind: 'known'; readonly entry: KnownHost }
  | { readonly kind: 'revoked'; readonly entry: KnownHost }
  /** Another key of this type is known, or only keys of other types. */
  | { readonly kind: 'changed'; readonly entry: KnownHost }
  | { readonly kind: 'unknown' };

/** What is known about a host's keys, from all of its files. */
export interface KnownKeys {
  /** Lines about the very name; with `@revoked` and `@cert-authority` ones. */
  readonly exact: readonly KnownHost[];
  /** Lines about the host without its port: ssh accepts a key from these, and holds none against one. */
  readonly withoutPort: readonly KnownHost[];
}

export async function readKnownKeys(
  endpoint: Pick<Endpoint, 'knownHostsFiles' | 'keyName'>,
): Promise<KnownKeys> {
  const texts = await Promise.all(
    endpoint.knownHostsFiles.map((file) => readFile(file, 'utf8').catch(() => '')),
  );
  const entries = texts.flatMap((text, index) =>
    parseKnownHosts(text, endpoint.knownHostsFiles[index] ?? ''),
  );
  const bare = /^\[(.*)\]:\d+$/.exec(endpoint.keyName)?.[1];
  return {
    exact: entries.filter((entry) => matchesHost(entry, endpoint.keyName)),
    withoutPort: bare === undefined ? [] : entries.filter((entry) => matchesHost(entry, bare)),
  };
}

export function judgeHostKey(known: KnownKeys, key: Buffer): HostKeyVerdict {
  const all = [...known.exact, ...known.withoutPort];
  const revoked = all.find((entry) => entry.marker === 'revoked' && entry.key.equals(key));
  if (revoked !== undefined) return { kind: 'revoked', entry: revoked };
  const same = all.find((entry) => entry.marker === null && entry.key.equals(key));
  if (same !== undefined) return { kind: 'known', entry: same };
  const plain = known.exact.filter((entry) => entry.marker === null);
  const other = plain.find((entry) => entry.type === keyType(key)) ?? plain[0];
  return other === undefined ? { kind: 'unknown' } : { kind: 'changed', entry: other };
}

const ALGORITHMS: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

/** Known types first, so that a server with several keys shows the one that can be checked. */
export function hostKeyAlgorithms(known: KnownKeys): ServerHostKeyAlgorithm[] {
  const exact = known.exact.filter((entry) => entry.marker === null);
  const types = new Set((exact.length > 0 ? exact : known.withoutPort).map((entry) => entry.type));
  const isKnown = (name: string): boolean => types.has(name.startsWith('rsa-') ? 'ssh-rsa' : name);
  return [...ALGORITHMS.filter(isKnown), ...ALGORITHMS.filter((name) => !isKnown(name))];
}

/** Appends to the first file of UserKnownHostsFile; as with ssh, not being able to is no reason to stop. */
export async function rememberHostKey(
  endpoint: Pick<Endpoint, 'knownHostsFiles' | 'keyName' | 'hashKnownHosts'>,
  key: Buffer,
): Promise<void> {
  const file = endpoint.knownHostsFiles[0];
  if (file === undefined) return;
  const name = endpoint.hashKnownHosts ? hashName(endpoint.keyName, randomBytes(20)) : endpoint.keyName;
  const line = `${name} ${keyType(key)} ${key.toString('base64')}\n`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const before = await readFile(file, 'utf8').catch(() => '');
    await appendFile(file, before === '' || before.endsWith('\n') ? line : `\n${line}`, { mode: 0o600 });
  } catch {
    return;
  }
}
