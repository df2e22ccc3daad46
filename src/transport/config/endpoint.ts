import { hostname, userInfo } from 'node:os';
import { expandPath, expandTokens, type Tokens } from './expand.js';
import type { SshOptions } from './ssh-config.js';
import type { TargetName } from './target-name.js';

export type StrictHostKeyChecking = 'yes' | 'ask' | 'accept-new' | 'no';

/** How its bytes get there: straight, through other SSH servers (first one first), or through a program. */
export type Route =
  | { readonly kind: 'direct' }
  | { readonly kind: 'jump'; readonly hops: readonly Endpoint[] }
  | { readonly kind: 'command'; readonly command: string };

/** One SSH server and all that ssh_config says about reaching it. */
export interface Endpoint {
  readonly name: TargetName;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly route: Route;
  /** 4 or 6 where AddressFamily says so. */
  readonly family: 0 | 4 | 6;
  readonly bindAddress?: string;
  readonly identityFiles: readonly string[];
  readonly certificateFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** Undefined: no agent. */
  readonly agentSocket: string | undefined;
  /** What known_hosts knows it by: HostKeyAlias, else the host and, where it isn't 22, the port. */
  readonly keyName: string;
  readonly knownHostsFiles: readonly string[];
  readonly strict: StrictHostKeyChecking;
  readonly hashKnownHosts: boolean;
  readonly passwords: {
    readonly password: boolean;
    readonly keyboardInteractive: boolean;
    readonly prompts: number;
  };
  readonly publicKeys: boolean;
  readonly connectTimeoutMs: number | undefined;
  readonly options: SshOptions;
}

/** Pure: what ssh's answer means. */
export function endpointFrom(
  name: TargetName,
  options: SshOptions,
  hops: readonly Endpoint[],
  env: Readonly<Record<string, string | undefined>>,
): Endpoint {
  const first = (keyword: string): string | undefined => options.values.get(keyword)?.[0];
  const all = (keyword: string): readonly string[] => options.values.get(keyword) ?? [];
  const host = first('hostname') ?? name.host;
  const port = Number(first('port') ?? 22);
  const user = first('user') ?? userInfo().username;
  const alias = first('hostkeyalias');
  const tokens = tokensFor(name, {
    host,
    port,
    user,
    keyAlias: alias ?? name.host,
    jump: first('proxyjump') ?? '',
  });
  const paths = (keyword: string): string[] =>
    all(keyword)
      .filter((path) => path !== 'none')
      .map((path) => expandPath(unquote(path), tokens, env));
  const bindAddress = first('bindaddress');
  return {
    name,
    host,
    port,
    user,
    route: routeFrom(first('proxycommand'), hops, tokens),
    family: first('addressfamily') === 'inet' ? 4 : first('addressfamily') === 'inet6' ? 6 : 0,
    ...(bindAddress === undefined ? {} : { bindAddress }),
    identityFiles: paths('identityfile'),
    certificateFiles: paths('certificatefile'),
    identitiesOnly: first('identitiesonly') === 'yes',
    agentSocket: agentSocket(first('identityagent'), tokens, env),
    keyName: alias ?? (port === 22 ? host : `[${host}]:${port}`),
    knownHostsFiles: [...files(first('userknownhostsfile')), ...files(first('globalknownhostsfile'))].map(
      (path) => expandPath(path, tokens, env),
    ),
    strict: strictness(first('stricthostkeychecking')),
    hashKnownHosts: first('hashknownhosts') === 'yes',
    passwords: {
      password: first('passwordauthentication') !== 'no',
      keyboardInteractive: first('kbdinteractiveauthentication') !== 'no',
      prompts: Number(first('numberofpasswordprompts') ?? 3),
    },
    publicKeys: first('pubkeyauthentication') !== 'no' && first('pubkeyauthentication') !== 'false',
    connectTimeoutMs: /^\d+$/.test(first('connecttimeout') ?? '')
      ? Number(first('connecttimeout')) * 1000
      : undefined,
    options,
  };
}

function routeFrom(command: string | undefined, hops: readonly Endpoint[], tokens: Tokens): Route {
  if (hops.length > 0) return { kind: 'jump', hops };
  if (command === undefined || command === 'none') return { kind: 'direct' };
  return { kind: 'command', command: expandTokens(command, tokens) };
}

function agentSocket(
  configured: string | undefined,
  tokens: Tokens,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (configured === 'none') return undefined;
  if (configured === undefined || configured === 'SSH_AUTH_SOCK') return env['SSH_AUTH_SOCK'] || undefined;
  if (/^\$[A-Za-z_]\w*$/.test(configured)) return env[configured.slice(1)] || undefined;
  return expandPath(unquote(configured), tokens, env);
}

function strictness(value: string | undefined): StrictHostKeyChecking {
  if (value === 'yes' || value === 'true') return 'yes';
  if (value === 'accept-new') return 'accept-new';
  return value === 'no' || value === 'false' || value === 'off' ? 'no' : 'ask';
}

/** A list of files as `ssh -G` prints it: parted by spaces, and a path that holds one is not quoted. */
export function files(list: string | undefined): string[] {
  const found: string[] = [];
  for (const word of list?.split(' ') ?? []) {
    const previous = found.at(-1);
    if (previous === undefined || /^[/~]/.test(word)) found.push(word);
    else found[found.length - 1] = `${previous} ${word}`;
  }
  return found.filter((file) => file !== 'none' && file !== '');
}

function unquote(word: string): string {
  return /^".*"$/.test(word) ? word.slice(1, -1) : word;
}

function tokensFor(
  name: TargetName,
  resolved: Pick<Tokens, 'host' | 'port' | 'user' | 'keyAlias' | 'jump'>,
): Tokens {
  const me = userInfo();
  return {
    ...resolved,
    alias: name.host,
    localUser: me.username,
    localHost: hostname(),
    // As ssh does: the password database's, whatever HOME says.
    home: me.homedir,
    uid: me.uid,
  };
}
