import type { Target } from '../model.js';

/** `--host A --host B`: in the order given, each once. `local` is this machine. */
export function targetsFromHosts(hosts: readonly string[]): Target[] {
  return [...new Set(hosts)].map((name) => ({ name, kind: name === 'local' ? 'local' : 'ssh' }));
}
