import { GclabError } from '../errors.js';
import type { ConnectSettings, Target } from '../model.js';
import { type Endpoint, endpointFrom } from './endpoint.js';
import { readSshConfig, type SshOptions } from './ssh-config.js';
import { parseTargetName, type TargetName } from './target-name.js';

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
