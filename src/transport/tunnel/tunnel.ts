import { Agent, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import { GclabError } from '../../errors.js';
import type { Guest } from '../../model.js';
import { type Bridge, NoSession, openBridge } from './bridge.js';
import { ChannelDuplex, type ChannelEnds } from './channel-duplex.js';
import { TunnelRefused } from './tunnel-refused.js';

export interface TunnelOptions {
  /** What to use where the server does not forward: a program on the guest that reaches `port` there. */
  readonly bridge?: (port: number) => Bridge;
  /** Connections at once (default 2): over a bridge each costs one of the server's sessions. */
  readonly maxSockets?: number;
  /** Told once, when a bridge takes over. */
  readonly onBridge?: () => void;
}

/**
 * HTTP to a guest's loopback, with no port on the controller: an agent for node-fetch. The URL's host is not
 * looked at, its port is the guest's. `guest` gives the connection there is at the moment: after it was lost `destroy()` lets go of what
 * went over it, and requests go over the next one. Where no connection
 * can be had, requests fail with a GclabError (`tunnel-refused`, `connection-lost`) as their cause.
 */
export function tunnelAgent(guest: () => Guest, options: TunnelOptions = {}): TunnelAgent {
  return new TunnelAgent(guest, options);
}

export class TunnelAgent extends Agent {
  #via: 'forwarding' | 'bridge' = 'forwarding';
  #refusal: GclabError | undefined;
  #ahead: { readonly port: number; readonly duplex: ChannelDuplex } | undefined;

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

  /** Opens a connection for the next request to this port; rejects where none can be had. */
  async openAhead(port: number): Promise<void> {
    this.#dropAhead();
    const duplex = this.#connection(port);
    // A server may close it before anybody asks for it.
    duplex.on('error', () => {});
    this.#ahead = { port, duplex };
    await duplex.opening;
  }

  /** Called by http. Returns at once, since an agent that waits for its sockets forgets to count them. */
  override createConnection(options: ClientRequestArgs): Duplex {
    const port = Number(options.port ?? 80);
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead?.port === port && !ahead.duplex.destroyed) return ahead.duplex;
    ahead?.duplex.destroy();
    return this.#connection(port);
  }

  /** Ends every connection. The agent can be used again. */
  override destroy(): void {
    this.#dropAhead();
    super.destroy();
  }

  #dropAhead(): void {
    this.#ahead?.duplex.destroy();
    this.#ahead = undefined;
  }

  #connection(port: number): ChannelDuplex {
    const opening = this.#open(port);
    opening.catch((error: unknown) => {
      if (error instanceof GclabError) this.#refusal = error;
    });
    return new ChannelDuplex(opening);
  }

  async #open(port: number): Promise<ChannelEnds> {
    const guest = this.guest();
    if (this.#via === 'bridge') return await this.#throughBridge(guest, port);
    try {
      return socketEnds(await guest.connectTcp(port));
    } catch (error) {
      if (!(error instanceof TunnelRefused) || !MAY_BE_BRIDGED.has(error.why)) throw error;
      const ends = await this.#throughBridge(guest, port, error);
      this.#switchToBridge();
      return ends;
    }
  }

  async #throughBridge(guest: Guest, port: number, refused?: TunnelRefused): Promise<ChannelEnds> {
    const bridge = this.tunnel.bridge?.(port);
    if (bridge === undefined)
      throw refused ?? new TunnelRefused(guest.target.name, port, 'forbidden', undefined);
    try {
      return await openBridge(guest, bridge);
    } catch (error) {
      if (guest.lost.aborted) throw error;
      if (error instanceof NoSession) throw new TunnelRefused(guest.target.name, port, 'no-session', error);
      // The bridge looked as well.
      if (refused?.why === 'not-connected') throw refused;
      throw new TunnelRefused(guest.target.name, port, 'bridge-failed', error);
    }
  }

  #switchToBridge(): void {
    if (this.#via === 'bridge') return;
    this.#via = 'bridge';
    this.tunnel.onBridge?.();
  }
}

const MAY_BE_BRIDGED = new Set<TunnelRefused['why']>(['forbidden', 'not-connected']);

function socketEnds(socket: Duplex): ChannelEnds {
  return {
    readable: socket,
    writable: socket,
    isWritable: () => socket.writable,
    onClose: (closed) => void socket.once('close', closed),
    close: () => void socket.destroy(),
  };
}
