import { ExperimentClient } from '../experiment/client.js';
import type { JournalLine } from '../experiment/journal.js';
import { TunnelAgent } from '../transport/tunnel.js';
import type { Seat } from './driver.js';

const REQUEST_TIMEOUT_MS = 30_000;
/** What `gcexp bridge` says once it is connected. */
const GREETING = 'gcexp-bridge 1';

type ListeningLine = Extract<JournalLine, { type: 'listening' }>;

export interface OpenClient {
  readonly client: ExperimentClient;
  close(): void;
}

/** Where a trial says that it listens: on a guest that chose the port itself, only this tells. */
export function listeningPort({ address }: ListeningLine): number {
  return Number(/:(\d{1,5})$/.exec(address)?.[1] ?? 0);
}

/**
 * A client of the experiment on the guest's loopback, through the SSH connection. Where the server forbids forwarding it goes
 * through a bridge over a session, and says so. One connection at a time: a server may allow two sessions, and one follows.
 */
export function openClient(seat: Seat, port: number, ended: AbortSignal): OpenClient {
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
    port,
    target: seat.target,
    timeoutMs: REQUEST_TIMEOUT_MS,
    signal: AbortSignal.any([seat.signal, ended]),
    refusal: () => agent.refusal,
  });
  return { client, close: () => agent.destroy() };
}
