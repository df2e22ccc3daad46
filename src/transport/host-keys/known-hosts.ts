import { createHash, createHmac } from 'node:crypto';

/** One line of a known_hosts file that names a key. */
export interface KnownHost {
  readonly file: string;
  readonly line: number;
  readonly marker: 'revoked' | 'cert-authority' | null;
  readonly patterns: readonly string[];
  readonly type: string;
  /** The key's wire format. */
  readonly key: Buffer;
}

/** known_hosts as sshd(8) describes it; lines that hold no key are passed over, as ssh does. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split('\n').flatMap((line, index) => parseLine(line, file, index + 1));
}

function parseLine(text: string, file: string, line: number): KnownHost[] {
  const fields = text.trim().split(/[ \t]+/);
  const marker = fields[0]?.startsWith('@') ? fields.shift()?.slice(1) : null;
  const [patterns, type, encoded] = fields;
  if (patterns === undefined || patterns.startsWith('#') || type === undefined || encoded === undefined)
    return [];
  if (marker !== null && marker !== 'revoked' && marker !== 'cert-authority') return [];
  const key = Buffer.from(encoded, 'base64');
  return keyType(key) === type ? [{ file, line, marker, patterns: patterns.split(','), type, key }] : [];
}

/** The type a key's wire format begins with; undefined where it is no key. */
export function keyType(key: Buffer): string | undefined {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  return length > 0 && length <= key.length - 4 ? key.toString('latin1', 4, 4 + length) : undefined;
}

/** Whether a line is about `name`: `host`, or `[host]:port` where the port isn't 22. A negated pattern wins. */
export function matchesHost(entry: KnownHost, name: string): boolean {
  const lower = name.toLowerCase();
  let found = false;
  for (const pattern of entry.patterns) {
    const negated = pattern.startsWith('!');
    if (!matchesPattern(negated ? pattern.slice(1) : pattern, lower)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

function matchesPattern(pattern: string, name: string): boolean {
  const hashed = /^\|1\|([^|]+)\|(.+)$/.exec(pattern);
  if (hashed !== null) return hashName(name, Buffer.from(hashed[1] ?? '', 'base64')) === pattern;
  return glob(pattern.toLowerCase(), name);
}

/** `|1|salt|HMAC-SHA1`: what HashKnownHosts writes. */
export function hashName(name: string, salt: Buffer): string {
  const digest = createHmac('sha1', salt).update(name.toLowerCase()).digest('base64');
  return `|1|${salt.toString('base64')}|${digest}`;
}

/** `*` and `?`, without a regular expression: patterns come from a file, and a bad one must not hang us. */
function glob(pattern: string, text: string): boolean {
  let star = -1;
  let mark = 0;
  let p = 0;
  for (let t = 0; t < text.length; ) {
    if (pattern[p] === '*') {
      star = p++;
      mark = t;
    } else if (pattern[p] === '?' || pattern[p] === text[t]) {
      p++;
      t++;
    } else if (star !== -1) {
      p = star + 1;
      t = ++mark;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** As `ssh-keygen -l` prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** `ssh-ed25519` → `ed25519`, `ecdsa-sha2-nistp256` → `ecdsa`: what people call it. */
export function shortKeyType(type: string): string {
  return type.replace(/^ssh-/, '').replace(/^ecdsa-.*/, 'ecdsa');
}
