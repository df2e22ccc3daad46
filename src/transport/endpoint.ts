import { homedir, hostname, userInfo } from 'node:os';
import { GclabError } from '../errors.js';
import type { ConnectSettings, Target } from '../model.js';
import { expandPath, expandTokens, type Tokens } from './expand.js';
import { readSshConfig, type SshOptions } from './ssh-config.js';
import { parseTargetName, type TargetName } from './target-name.js';

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

/** Resolves a target and, one `ssh -G` each, the hosts it is reached through. */
export async function resolveEndpoint(target: Target, settings: ConnectSettings): Promise<Endpoint> {
  return new Resolver(target.name, settings).resolve(parseTargetName(target.name), []);
}

class Resolver {
  constructor(
    readonly target: string,
    readonly settings: ConnectSettings,
  ) {}

  /** `through`: the hosts that are being resolved because this one is on their way. */
  async resolve(name: TargetName, through: readonly string[]): Promise<Endpoint> {
    const { sshConfigFile, signal, env } = this.settings;
    const options = await readSshConfig({
      target: this.target,
      name,
      env,
      ...(sshConfigFile === undefined ? {} : { configFile: sshConfigFile }),
      ...(signal === undefined ? {} : { signal }),
    });
    return endpointFrom(name, options, await this.#hops(options, [...through, name.host]), env);
  }

  async #hops(options: SshOptions, through: readonly string[]): Promise<Endpoint[]> {
    const jump = options.values.get('proxyjump')?.[0];
    if (jump === undefined || jump === 'none') return [];
    const names = jump.split(',').map((hop) => parseTargetName(hop.trim()));
    const looped = names.find(({ host }) => through.includes(host));
    if (looped !== undefined) throw jumpLoop(this.target, [...through, looped.host]);
    const hops = await Promise.all(names.map((name) => this.resolve(name, through)));
    // Only the first hop is reached by its own route; ssh ignores ProxyJump of the later ones.
    return hops.flatMap((hop, index) =>
      index === 0 && hop.route.kind === 'jump' ? [...hop.route.hops, hop] : [hop],
    );
  }
}

function jumpLoop(target: string, hosts: readonly string[]): GclabError {
  return new GclabError({
    code: 'ssh-config',
    doing: 'reading ssh_config for it',
    target,
    what: `ProxyJump leads in a circle: ${hosts.join(' → ')}`,
    hint: 'leave the jump host out of the Host pattern that has the ProxyJump, or give it ProxyJump none',
  });
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
  const tokens = tokensFor(
    name,
    { host, port, user, keyAlias: alias ?? name.host, jump: first('proxyjump') ?? '' },
    env,
  );
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
  env: Readonly<Record<string, string | undefined>>,
): Tokens {
  const me = userInfo();
  return {
    ...resolved,
    alias: name.host,
    localUser: me.username,
    localHost: hostname(),
    home: env['HOME'] ?? homedir(),
    uid: me.uid,
  };
}
