import type { BaseAgent, Client, createAgent, utils } from 'ssh2';

/** What is used of ssh2. Its index loads a server and HTTP agents as well. */
export interface Ssh2 {
  readonly Client: typeof Client;
  readonly BaseAgent: typeof BaseAgent;
  readonly createAgent: typeof createAgent;
  readonly parseKey: typeof utils.parseKey;
}

let loading: Promise<Ssh2> | undefined;

/** ssh2 costs 60 ms to import, so it is imported while `ssh -G` runs, and not at all for `local`. */
export function loadSsh2(): Promise<Ssh2> {
  loading ??= Promise.all([
    import('ssh2/lib/client.js'),
    import('ssh2/lib/agent.js'),
    import('ssh2/lib/protocol/keyParser.js'),
  ]).then(([{ default: Client }, { default: agent }, { default: keys }]) => ({ Client, ...agent, ...keys }));
  return loading;
}
