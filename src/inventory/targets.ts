import { resolve } from 'node:path';
import type { SshAddress, Target } from '../model.js';
import { parseTargetName, type TargetName } from '../transport/config/target-name.js';
import { targetId, vmTargetId } from './target-id.js';

/** This machine, without SSH. */
export const LOCAL: Target = {
  id: 'local',
  name: 'local',
  source: { kind: 'local' },
  labels: {},
  ssh: null,
};

/** What `--host` takes: what ssh takes, or `local`. `configFile` is `ssh -F`. Throws `bad-flag` for what cannot be a host. */
export function hostTarget(name: string, configFile?: string): Target {
  if (name === LOCAL.name) return LOCAL;
  const parsed = parseTargetName(name);
  return {
    id: targetId(spelled(parsed)),
    name,
    source: { kind: 'host' },
    labels: {},
    ssh: {
      host: parsed.host,
      user: parsed.user ?? null,
      port: parsed.port ?? null,
      configFile: configFile === undefined ? null : absolute(configFile),
    },
  };
}

/** A VM of `gclab vm`; `ssh` is null where nothing is known of it yet. */
export function vmTarget(name: string, ssh: SshAddress | null): Target {
  return { id: vmTargetId(name), name, source: { kind: 'vm', vm: name }, labels: {}, ssh };
}

/** `ssh://web/` and `web` are one host, and so are `[::1]` and `::1`. */
function spelled({ user, host, port }: TargetName): string {
  const bracketed = host.includes(':') && port !== undefined ? `[${host}]` : host;
  return `${user === undefined ? '' : `${user}@`}${bracketed}${port === undefined ? '' : `:${port}`}`;
}

/** Another working folder must not make it another file; `none` is ssh's word for no file. */
function absolute(configFile: string): string {
  return configFile === 'none' ? configFile : resolve(configFile);
}
