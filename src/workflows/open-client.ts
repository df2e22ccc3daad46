import { ExperimentClient } from '../experiment/client.js';
import { TunnelAgent } from '../transport/tunnel.js';
import type { Seat } from './driver.js';

const REQUEST_TIMEOUT_MS = 30_000;
/** What `gcexp bridge` says once it is connected. */
const GREETING = 'gcexp-bridge 1';

export interface OpenClient {
  readonly client: ExperimentClient;
  close(): void;
}

/**
 * A client of the experiment on the guest's loopback, through the SSH connection. Where the server forbids forwarding it goes
 * through a bridge over a session, and says so. One connection at a time: a server may allow two sessions, and one follows.
 */
export function openClient(seat: Seat, ended: AbortSignal): OpenClient {
  const agent = new TunnelAgent(seat.guest, {
    maxSockets: 1,
    bridge: (port) => ({
      argv: [seat.folder().gcexp, 'bridge', '-port', String(port)],
      greeting: GREETING,
      asRoot: seat.guest().privilege !== 'none',
    }),
    onBridge: () =>
      seat.phases.note('the server forbids TCP forwarding: requests go through a bridge over a session'),
  });
  const client = new ExperimentClient({
    agent,
    port: seat.settings.port,
    target: seat.target,
    timeoutMs: REQUEST_TIMEOUT_MS,
    signal: AbortSignal.any([seat.signal, ended]),
    refusal: () => agent.refusal,
  });
  return { client, close: () => agent.destroy() };
}
