import { isIPv6 } from 'node:net';
import { GclabError } from '../../errors.js';

/** What a user wrote after `--host`, taken apart. `user` and `port` are there only where they were written. */
export interface TargetName {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

/** What ssh_config would expand or a shell could read; ssh itself refuses most of these in a host since 9.6. */
const HOSTILE = /[^\x21-\x7e]|['"`$(){}<>|;&*?!#^~=,]/;
const USER = /^[A-Za-z0-9_.][A-Za-z0-9_.@\\+-]*$/;
const HOST = /^[A-Za-z0-9_.][A-Za-z0-9_.%+-]*$/;

/**
 * Takes `alias`, `user@host`, `host:port`, `user@host:port`, `[v6]:port`, `v6` and `ssh://…` apart.
 * Refuses anything else with `bad-flag`.
 */
export function parseTargetName(name: string): TargetName {
  if (name.trim() === '') throw refuse(name, 'it is empty');
  if (name.startsWith('-')) throw refuse(name, 'it starts with a dash');
  const hostile = HOSTILE.exec(name);
  if (hostile !== null) throw refuse(name, `it holds ${describe(hostile[0])}`);
  const bare = name.replace(/^ssh:\/\//, '').replace(/\/$/, '');
  const at = bare.lastIndexOf('@');
  const user = at === -1 ? undefined : bare.slice(0, at);
  if (user !== undefined && !USER.test(user)) throw refuse(name, 'the part before the @ is no user name');
  const { host, port } = splitPort(name, bare.slice(at + 1));
  return { host, ...(user === undefined ? {} : { user }), ...(port === undefined ? {} : { port }) };
}

function splitPort(name: string, text: string): { host: string; port?: number } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  const parts = text.split(':');
  const isAddress = bracketed === null && parts.length > 2;
  const host = bracketed?.[1] ?? (isAddress ? text : (parts[0] ?? ''));
  // Node's pattern for such an address takes milliseconds to compile.
  const isIPv6Address = host.includes(':') && isIPv6(host);
  if (!isIPv6Address && !HOST.test(host))
    throw refuse(name, 'there is no host in it that could be looked up');
  const port = bracketed === null ? (isAddress ? undefined : parts[1]) : bracketed[2];
  return port === undefined ? { host } : { host, port: parsePort(name, port) };
}

function parsePort(name: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw refuse(name, 'its port is no number from 1 to 65535');
  return port;
}

function describe(char: string): string {
  const names: Readonly<Record<string, string>> = { ' ': 'a space', '\n': 'a line break', '\t': 'a tab' };
  return (
    names[char] ??
    (/[\x21-\x7e]/.test(char) ? `the character ${char}` : 'a character outside printable ASCII')
  );
}

function refuse(name: string, why: string): GclabError {
  return new GclabError({
    code: 'bad-flag',
    doing: 'reading the name of a target',
    target: JSON.stringify(name),
    what: `this cannot be a target, because ${why}`,
    hint: 'write what you would give to ssh: an alias of ssh_config, user@host, host:port or [IPv6 address]:port',
  });
}
