import { type Answer, type Call, ExperimentClient } from '../../experiment/client.js';
import { TunnelAgent } from '../../transport/tunnel/tunnel.js';
import type { DrivenTarget } from './driver.js';

/** What `gcexp bridge` says once it is connected. */
const GREETING = 'gcexp-bridge 1';

/** The way to a program on the guest's loopback. */
export interface ProgramLink {
  /** Opens a connection to this port for the requests to come; rejects where none can be had. */
  open(port: number): Promise<void>;
  /** Sends a request to the port that was opened last. */
  ask(call: Call, key: string, signal: AbortSignal): Promise<Answer>;
  /** Ends its connections. The next request opens another, over the SSH connection there is then. */
  reset(): void;
}

/**
 * Through the SSH connection of a target. Where the server does not forward it goes through a bridge over a session, and says so
 * once. One connection at a time: a server may allow two sessions, and one follows.
 */
export function programLink(target: Pick<DrivenTarget, 'name' | 'guest' | 'folder' | 'phases'>): ProgramLink {
  const agent = new TunnelAgent(target.guest, {
    maxSockets: 1,
    bridge: (port) => ({
      argv: [target.folder().gcexp, 'bridge', '-port', String(port)],
      greeting: GREETING,
      asRoot: target.guest().privilege !== 'none',
    }),
    onBridge: () =>
      target.phases.note('the server does not forward TCP: requests go through a bridge over a session'),
  });
  const client = new ExperimentClient({ agent, target: target.name, refusal: () => agent.refusal });
  let port = 0;
  return {
    open: (at) => {
      port = at;
      return agent.openAhead(at);
    },
    ask: (call, key, signal) => client.ask(call, port, key, signal),
    reset: () => agent.destroy(),
  };
}
