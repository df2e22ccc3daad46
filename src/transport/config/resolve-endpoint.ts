import { GclabError } from '../../errors.js';
import type { ConnectSettings, SshAddress, Target } from '../../model.js';
import { type Endpoint, endpointFrom } from './endpoint.js';
import { readSshConfig, type SshOptions } from './ssh-config.js';
import { parseTargetName, type TargetName } from './target-name.js';

/** What is resolved: a target's name, for errors, and its address. */
export type Addressed = Pick<Target, 'name'> & { readonly ssh: SshAddress };

/** Resolves a target and, one `ssh -G` each, the hosts it is reached through. */
export async function resolveEndpoint(target: Addressed, settings: ConnectSettings): Promise<Endpoint> {
  return new Resolver(target, settings).resolve(nameOf(target.ssh), []);
}

function nameOf({ host, user, port }: SshAddress): TargetName {
  return { host, ...(user === null ? {} : { user }), ...(port === null ? {} : { port }) };
}

class Resolver {
  constructor(
    readonly target: Addressed,
    readonly settings: ConnectSettings,
  ) {}

  /** `through`: the hosts that are being resolved because this one is on their way. */
  async resolve(name: TargetName, through: readonly string[]): Promise<Endpoint> {
    const { signal, env } = this.settings;
    const { configFile } = this.target.ssh;
    const options = await readSshConfig({
      target: this.target.name,
      name,
      env,
      ...(configFile === null ? {} : { configFile }),
      ...(signal === undefined ? {} : { signal }),
    });
    return endpointFrom(name, options, await this.#hops(options, [...through, name.host]), env);
  }

  async #hops(options: SshOptions, through: readonly string[]): Promise<Endpoint[]> {
    const jump = options.values.get('proxyjump')?.[0];
    if (jump === undefined || jump === 'none') return [];
    const names = jump.split(',').map((hop) => parseTargetName(hop.trim()));
    const looped = names.find(({ host }) => through.includes(host));
    if (looped !== undefined) throw jumpLoop(this.target.name, [...through, looped.host]);
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
