import { Agent, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import { GclabError } from '../errors.js';
import type { Guest } from '../model.js';
import { type Bridge, openBridge } from './bridge.js';
import { ChannelDuplex, type ChannelEnds } from './channel-duplex.js';
import { TunnelRefused } from './tunnel-refused.js';

export interface TunnelOptions {
  /** What to use where the server forbids forwarding: a program on the guest that reaches `port` there. */
  readonly bridge?: (port: number) => Bridge;
  /** Connections at once (default 2): over a bridge each costs one of the server's sessions. */
  readonly maxSockets?: number;
  /** Told once, when forwarding turned out to be forbidden and the bridge takes over. */
  readonly onBridge?: () => void;
}

/**
 * HTTP to a guest's loopback, with no port on the controller: an agent for node-fetch. The URL's host is not
 * looked at, its port is the guest's. `guest` gives the connection there is at the moment. Where no connection
 * can be had, requests fail with a GclabError (`tunnel-refused`, `connection-lost`) as their cause.
 */
export function tunnelAgent(guest: () => Guest, options: TunnelOptions = {}): TunnelAgent {
  return new TunnelAgent(guest, options);
}

export class TunnelAgent extends Agent {
  #via: 'forwarding' | 'bridge' = 'forwarding';
  #refusal: GclabError | undefined;

  constructor(
    readonly guest: () => Guest,
    readonly tunnel: TunnelOptions,
  ) {
    super({ keepAlive: true, maxSockets: tunnel.maxSockets ?? 2, scheduling: 'lifo' });
  }

  get via(): 'forwarding' | 'bridge' {
    return this.#via;
  }

  /** Why no connection could be had, the last time that happened; node-fetch keeps only its code and message. */
  get refusal(): GclabError | undefined {
    return this.#refusal;
  }

  /** Called by http. Returns at once, since an agent that waits for its sockets forgets to count them. */
  override createConnection(options: ClientRequestArgs): Duplex {
    const opening = this.#open(Number(options.port ?? 80));
    opening.catch((error: unknown) => {
      if (error instanceof GclabError) this.#refusal = error;
    });
    return new ChannelDuplex(opening);
  }

  async #open(port: number): Promise<ChannelEnds> {
    const guest = this.guest();
    if (this.#via === 'forwarding') {
      try {
        return socketEnds(await guest.connectTcp(port));
      } catch (error) {
        if (!(error instanceof TunnelRefused) || error.why !== 'forbidden' || !this.tunnel.bridge)
          throw error;
        this.#switchToBridge();
      }
    }
    return this.#bridge(guest, port);
  }

  async #bridge(guest: Guest, port: number): Promise<ChannelEnds> {
    const bridge = this.tunnel.bridge?.(port);
    if (bridge === undefined) throw new TunnelRefused(guest.target.name, port, 'forbidden', undefined);
    return openBridge(guest, bridge).catch((error: unknown) => {
      throw guest.lost.aborted ? error : new TunnelRefused(guest.target.name, port, 'bridge-failed', error);
    });
  }

  #switchToBridge(): void {
    if (this.#via === 'bridge') return;
    this.#via = 'bridge';
    this.tunnel.onBridge?.();
  }
}

function socketEnds(socket: Duplex): ChannelEnds {
  return {
    readable: socket,
    writable: socket,
    isWritable: () => socket.writable,
    onClose: (closed) => void socket.once('close', closed),
    close: () => void socket.destroy(),
  };
}
