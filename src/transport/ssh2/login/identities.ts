import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { BaseAgent, ParsedKey } from 'ssh2';
import type { Endpoint } from '../../config/endpoint.js';
import type { Ssh2 } from '../ssh2.js';

/** One key to offer a server. */
export type Identity =
  | { readonly kind: 'key'; readonly label: string; readonly key: ParsedKey }
  | { readonly kind: 'agent'; readonly label: string; readonly key: ParsedKey; readonly agent: BaseAgent }
  /** `key` is the public half where the file tells it without its passphrase. */
  | {
      readonly kind: 'encrypted';
      readonly label: string;
      readonly key: ParsedKey | null;
      readonly text: string;
    };

type AgentIdentity = Extract<Identity, { kind: 'agent' }>;
type FileIdentity = Exclude<Identity, { kind: 'agent' }>;

export interface Identities {
  /** In the order in which ssh offers them. */
  readonly offered: readonly Identity[];
  /** Keys that were left out, and why: `~/.ssh/id_rsa (others may read it)`. */
  readonly leftOut: readonly string[];
  /** A key or certificate that ssh_config names and only the system's ssh can use. */
  readonly foreign: string | null;
  /** The same, found where ssh looks by itself: worth a try when the others fail. */
  readonly mayHelp: string | null;
}

const DEFAULT_FILE = /\/\.ssh\/id_(?:rsa|dsa|ecdsa|ecdsa_sk|ed25519|ed25519_sk|xmss)$/;

type KeyFile =
  | { readonly kind: 'absent' }
  | { readonly kind: 'left-out'; readonly why: string }
  | { readonly kind: 'foreign' }
  /** Only its public half is here; the agent may have the other. */
  | { readonly kind: 'public'; readonly key: ParsedKey }
  | FileIdentity;

/** Agent keys that ssh_config names, then other agent keys unless IdentitiesOnly, then keys from files. */
export async function loadIdentities(ssh2: Ssh2, endpoint: Endpoint): Promise<Identities> {
  if (!endpoint.publicKeys) return { offered: [], leftOut: [], foreign: null, mayHelp: null };
  const [held, files] = await Promise.all([
    agentIdentities(ssh2, endpoint.agentSocket),
    Promise.all(endpoint.identityFiles.map((file) => readKeyFile(ssh2, file))),
  ]);
  const inAgent = (file: KeyFile): AgentIdentity[] => {
    const key = 'key' in file ? file.key : null;
    return key === null ? [] : held.keys.filter((identity) => isSameKey(identity.key, key));
  };
  const named = files.flatMap(inAgent);
  const others = endpoint.identitiesOnly ? [] : held.keys.filter((identity) => !named.includes(identity));
  const fromFiles = files.filter(
    (file): file is FileIdentity => isIdentity(file) && inAgent(file).length === 0,
  );
  const foreign = endpoint.identityFiles.filter((_, index) => files[index]?.kind === 'foreign');
  return {
    offered: [...new Set([...named, ...others, ...fromFiles])],
    leftOut: [
      ...held.leftOut,
      ...endpoint.identityFiles.flatMap((path, index) => leftOut(path, files[index])),
    ],
    foreign: endpoint.certificateFiles[0] ?? foreign.find((path) => !DEFAULT_FILE.test(path)) ?? null,
    mayHelp:
      foreign[0] ??
      held.foreign ??
      endpoint.identityFiles.map((path) => `${path}-cert.pub`).find(existsSync) ??
      null,
  };
}

function isIdentity(file: KeyFile): file is FileIdentity {
  return file.kind === 'key' || file.kind === 'encrypted';
}

function leftOut(path: string, file: KeyFile | undefined): string[] {
  if (file?.kind === 'left-out') return [`${path} (${file.why})`];
  return file?.kind === 'absent' && !DEFAULT_FILE.test(path) ? [`${path} (no such file)`] : [];
}

async function agentIdentities(
  ssh2: Ssh2,
  socket: string | undefined,
): Promise<{ keys: AgentIdentity[]; leftOut: string[]; foreign: string | null }> {
  if (socket === undefined) return { keys: [], leftOut: [], foreign: null };
  const agent = ssh2.createAgent(socket);
  return new Promise((resolve) => {
    agent.getIdentities((error, keys) => {
      const leftOut = error ? [`the agent at ${socket} (${error.message})`] : [];
      const parsed = (keys ?? []).map((key) => ssh2.parseKey(key as ParsedKey));
      const usable = parsed.filter((key): key is ParsedKey => !(key instanceof Error));
      const foreign = usable.length < parsed.length ? `a key of the agent at ${socket}` : null;
      resolve({ keys: usable.map((key) => agentIdentity(key, agent)), leftOut, foreign });
    });
  });
}

function agentIdentity(key: ParsedKey, agent: BaseAgent): AgentIdentity {
  return { kind: 'agent', label: `${key.comment || key.type} from the agent`, key, agent };
}

async function readKeyFile(ssh2: Ssh2, path: string): Promise<KeyFile> {
  const [text, pub] = await Promise.all([
    readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => error),
    readPublic(ssh2, `${path}.pub`),
  ]);
  if (text instanceof Error) {
    if (pub !== null) return { kind: 'public', key: pub };
    return text.code === 'ENOENT' ? { kind: 'absent' } : { kind: 'left-out', why: text.code ?? text.message };
  }
  const key = ssh2.parseKey(text);
  if (!(key instanceof Error)) {
    if (!key.isPrivateKey()) return { kind: 'public', key };
    return (await isPrivate(path))
      ? { kind: 'key', label: path, key }
      : { kind: 'left-out', why: 'others may read it: chmod 600' };
  }
  const half = pub ?? publicHalf(ssh2, text);
  if (half !== null || /^(?:Proc-Type: 4,ENCRYPTED|-----BEGIN ENCRYPTED)/m.test(text))
    return { kind: 'encrypted', label: path, key: half, text };
  return text.includes('PRIVATE KEY-----')
    ? { kind: 'foreign' }
    : { kind: 'left-out', why: 'it holds no private key' };
}

async function readPublic(ssh2: Ssh2, path: string): Promise<ParsedKey | null> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const key = ssh2.parseKey(text);
  return key instanceof Error ? null : key;
}

/** The public key that OpenSSH's own format holds in front of the encrypted part. */
function publicHalf(ssh2: Ssh2, text: string): ParsedKey | null {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\sA-Za-z0-9+/=]+)-----END/.exec(text)?.[1];
  const data = Buffer.from(body ?? '', 'base64');
  let at = 'openssh-key-v1\0'.length;
  const field = (): Buffer => {
    const length = data.length >= at + 4 ? data.readUInt32BE(at) : 0;
    const bytes = data.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    return bytes;
  };
  const [cipher] = [field(), field(), field()];
  at += 4;
  const blob = field();
  if (blob.length === 0 || cipher?.toString() === 'none') return null;
  const length = blob.readUInt32BE(0);
  const key = ssh2.parseKey(`${blob.toString('latin1', 4, 4 + length)} ${blob.toString('base64')}`);
  return key instanceof Error ? null : key;
}

/** ssh ignores private keys that others may read, so that nobody comes to rely on them. */
async function isPrivate(path: string): Promise<boolean> {
  if (process.platform === 'win32') return true;
  const { mode, uid } = await stat(path);
  return uid !== process.getuid?.() || (mode & 0o077) === 0;
}

function isSameKey(one: ParsedKey, other: ParsedKey): boolean {
  return one.getPublicSSH().equals(other.getPublicSSH());
}
