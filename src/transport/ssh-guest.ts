import type { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { GclabError } from '../errors.js';
import type { Target } from '../model.js';
import { ChannelDuplex, type ChannelEnds } from './channel-duplex.js';
import { CommandGuest } from './command-guest.js';
import type { Endpoint } from './endpoint.js';
import type { Link } from './link.js';
import { openChannel } from './open-channel.js';
import type { Ending, Process } from './process.js';
import { commandLine } from './quote.js';
import { SessionSlots } from './session-slots.js';
import { TunnelRefused } from './tunnel-refused.js';

/** How long the other side may take to say goodbye. */
const CLOSE_GRACE_MS = 1_000;

/** A guest over an ssh2 connection. */
export class SshGuest extends CommandGuest {
  readonly address: string;
  readonly #slots = new SessionSlots();

  constructor(
    target: Target,
    endpoint: Endpoint,
    readonly link: Link,
  ) {
    super(target, link.lost);
    this.address = `${endpoint.user}@${endpoint.host}:${endpoint.port} (${link.hostKey})`;
  }

  async connectTcp(port: number, signal?: AbortSignal): Promise<Duplex> {
    const { client } = this.link;
    const request = (done: Parameters<typeof client.exec>[1]): unknown =>
      client.forwardOut('127.0.0.1', 0, '127.0.0.1', port, done);
    const opening = openChannel(this.link, this.target.name, signal, request, channelEnds).catch(
      (error: unknown) => {
        if (!isRefusal(error)) throw error;
        throw new TunnelRefused(
          this.target.name,
          port,
          error.reason === PROHIBITED ? 'forbidden' : 'nothing-listens',
          error,
        );
      },
    );
    return new ChannelDuplex(Promise.resolve(await opening));
  }

  async close(): Promise<void> {
    if (this.lost.aborted) return;
    const { client, sock } = this.link;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => sock.destroy(), CLOSE_GRACE_MS);
      this.lost.addEventListener(
        'abort',
        () => {
          clearTimeout(timer);
          resolve();
        },
        { once: true },
      );
      client.end();
    });
  }

  protected override async spawn(argv: readonly string[], signal: AbortSignal): Promise<Process> {
    const line = commandLine(argv);
    const request = (done: Parameters<typeof this.link.client.exec>[1]): unknown =>
      this.link.client.exec(line, done);
    const adopt = (channel: ClientChannel): Process => processOf(channel, this.lost);
    const open = (): Promise<Process> => openChannel(this.link, this.target.name, signal, request, adopt);
    const process = await this.#slots.take(open, isRefusal, signal).catch((error: unknown) => {
      throw error instanceof GclabError || signal.aborted
        ? error
        : execRefused(this.target.name, argv, error);
    });
    void process.ended.then(() => this.#slots.release());
    return process;
  }
}

function processOf(channel: ClientChannel, lost: AbortSignal): Process {
  const { stdin, stdout, stderr } = channel;
  const close = (): void => {
    // Unread output would hold up the channel's close; so would the listener that a `for await` leaves behind on
    // breaking off, since ssh2 destroys no channel: with it nothing flows.
    // Only then: without any, Node would take this for a wish to pause.
    if (channel.listenerCount('readable') > 0) channel.removeAllListeners('readable');
    channel.resume();
    channel.stderr.resume();
    channel.close();
  };
  return { stdin, stdout, stderr, ended: ended(channel, lost), close, kill: close };
}

/** RFC 4254, 5.1: what a server says when it opens no channel. */
type Refusal = Error & { readonly reason: number };

const PROHIBITED = 1;

function isRefusal(error: unknown): error is Refusal {
  return error instanceof Error && 'reason' in error && typeof error.reason === 'number';
}

/** A channel that closes without a status is lost, whatever else it seemed to be. */
function ended(channel: ClientChannel, lost: AbortSignal): Promise<Ending> {
  return new Promise((resolve) => {
    let ending: Ending = { kind: 'lost' };
    channel.once('exit', (exitCode: number | null, signal?: string) => {
      ending = { kind: 'exit', exitCode, signal: signal === undefined ? null : `SIG${signal}` };
    });
    const isLost = (): void =>
      resolve(ending.kind === 'exit' ? ending : { kind: 'lost', cause: lost.reason });
    lost.addEventListener('abort', isLost, { once: true });
    channel.once('error', (cause: Error) => resolve({ kind: 'lost', cause }));
    channel.once('close', () => {
      lost.removeEventListener('abort', isLost);
      resolve(ending);
    });
  });
}

function channelEnds(channel: ClientChannel): ChannelEnds {
  const closed = new Promise<void>((resolve) => channel.once('close', () => resolve()));
  const { outgoing } = channel as { outgoing?: { readonly state: string } };
  return {
    readable: channel,
    writable: channel,
    // A write after the server's close would never call back.
    isWritable: () => channel.writable && (outgoing === undefined || outgoing.state === 'open'),
    onClose: (callback) => void closed.then(callback),
    close: () => void channel.destroy(),
  };
}

function execRefused(target: string, argv: readonly string[], cause: unknown): GclabError {
  return new GclabError({
    code: 'remote-failed',
    doing: `running ${argv[0]}`,
    target,
    what: `the server opened no session for it (${cause instanceof Error ? cause.message : cause})`,
    hint: 'its sshd may forbid commands for this user, or allow no session at all (MaxSessions)',
    cause,
  });
}
