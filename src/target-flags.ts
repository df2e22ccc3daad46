import type { Target } from './model.js';

type Named = Pick<Target, 'name' | 'source' | 'ssh'>;

/**
 * How targets are named on the command line, for advice: a command without its host may make a VM. A VM brings its own ssh_config.
 */
export function targetFlags(...targets: readonly Named[]): string {
  const names = targets.map(({ name, source }) => `--${source.kind === 'vm' ? 'vm' : 'host'} ${name}`);
  const configs = targets.map(({ source, ssh }) => (source.kind === 'vm' ? null : ssh?.configFile));
  const given = configs.filter((file) => typeof file === 'string').map((file) => `--ssh-config ${file}`);
  return [...names, ...new Set(given)].join(' ');
}
