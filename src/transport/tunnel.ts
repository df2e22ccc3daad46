import { Agent, type AgentOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Guest } from '../model.js';
import { type Bridge, openBridge } from './bridge.js';
import { ChannelDuplex, type ChannelEnds } from './channel-duplex.js';
import { TunnelRefused } from './tunnel-refused.js';

export interface TunnelOptions {
  readonly guest: Guest;
  /** On the guest's loopback. */
  readonly port: number;
  /** What to use where the server forbids forwarding. */
  readonly bridge?: Bridge;
  /** Connections at once (default 2): a bridge costs one of the server's sessions each. */
  readonly maxSockets?: number;
  /** Told once, when forwarding turned out to be forbidden and the bridge takes over. */
  readonly onBridge?: () => void;
}

/** HTTP to a port of the guest's loopback with no port on the controller: the agent for node-fetch. */
export class TunnelAgent extends Agent {
  #via: 'forwarding' | 'bridge' = 'forwarding';

  constructor(readonly tunnel: TunnelOptions) {
    super({ keepAlive: true, maxSockets: tunnel.maxSockets ?? 2, scheduling: 'lifo' } satisfies AgentOptions);
  }

  get via(): 'forwarding' | 'bridge' {
    return this.#via;
  }

  /** Called by http. Returns at once, since an agent that waits for its sockets forgets to count them. */
  override createConnection(): Duplex {
    return new ChannelDuplex(this.#open());
  }

  async #open(): Promise<ChannelEnds> {
    const { guest, port, bridge } = this.tunnel;
    if (this.#via === 'forwarding') {
      try {
        return socketEnds(await guest.connectTcp(port));
      } catch (error) {
        if (!(error instanceof TunnelRefused) || error.why !== 'forbidden' || bridge === undefined)
          throw error;
        this.#switchToBridge();
      }
    }
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
