import type { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { GclabError } from '../../errors.js';
import type { Target } from '../../model.js';
import { CommandGuest } from '../command/command-guest.js';
import { handOver } from '../command/hand-over.js';
import type { Ending, Process, Spawn } from '../command/process.js';
import { commandLine } from '../command/quote.js';
import { MarkedStderr, markedReader, markedShell } from '../command/start-marker.js';
import type { Endpoint } from '../config/endpoint.js';
import { ChannelDuplex, type ChannelEnds } from '../tunnel/channel-duplex.js';
import { TunnelRefused } from '../tunnel/tunnel-refused.js';
import type { Link } from './link.js';
import { openChannel } from './open-channel.js';
import { SessionAhead } from './session-ahead.js';
import { SessionSlots } from './session-slots.js';

/** How long the other side may take to say goodbye. */
const CLOSE_GRACE_MS = 1_000;

/** A guest over an ssh2 connection. */
export class SshGuest extends CommandGuest {
  readonly address: string;
  readonly #slots = new SessionSlots();
  readonly #ahead = new SessionAhead();

  constructor(
    target: Target,
    endpoint: Endpoint,
    readonly link: Link,
  ) {
    super(target, link.lost);
    this.address = `${endpoint.user}@${endpoint.host}:${endpoint.port} (${link.hostKey})`;
  }

  get isShortOfSessions(): boolean {
    return this.#slots.isShort;
  }

  async connectTcp(port: number, signal?: AbortSignal): Promise<Duplex> {
    const { client } = this.link;
    const request = (done: Parameters<typeof client.exec>[1]): unknown =>
      client.forwardOut('127.0.0.1', 0, '127.0.0.1', port, done);
    const opening = openChannel(this.link, this.target.name, signal, request, channelEnds).catch(
      (error: unknown) => {
        if (!isRefusal(error)) throw error;
        const why = error.reason === CONNECT_FAILED ? 'not-connected' : 'forbidden';
        throw new TunnelRefused(this.target.name, port, why, error);
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

  override openAhead(): void {
    const { argv, marker } = markedShell();
    this.#ahead.open(
      async () => {
        const open = (): Promise<Process> => this.#open(commandLine(argv), this.lost);
        return this.#counted(await this.#slots.takeIfFree(open, isRefusal));
      },
      (process) => handedOver(process, marker, this.lost),
    );
  }

  protected override async spawn(...[argv, signal, input]: Parameters<Spawn>): Promise<Process> {
    // What is given is asked at the same time, and would leave none for the stream that it is for.
    const ahead = input === 'streamed' ? await this.#ahead.take() : undefined;
    if (ahead !== undefined) {
      ahead.stdin.write(`${commandLine(argv)}\n`);
      return ahead;
    }
    if (input === 'nothing') return await this.#session(argv, argv, signal);
    const reader = markedReader(argv);
    return await handedOver(await this.#session(reader.argv, argv, signal), reader.marker, signal);
  }

  /** `asked` is the command as it was asked for. */
  async #session(argv: readonly string[], asked: readonly string[], signal: AbortSignal): Promise<Process> {
    const isShort = (error: unknown): boolean => {
      if (!isRefusal(error)) return false;
      this.#ahead.giveUp();
      return true;
    };
    const open = (): Promise<Process> => this.#open(commandLine(argv), signal);
    const process = await this.#slots.take(open, isShort, signal).catch((error: unknown) => {
      throw error instanceof GclabError || signal.aborted
        ? error
        : execRefused(this.target.name, asked, error);
    });
    return this.#counted(process);
  }

  #counted<Taken extends Process | undefined>(process: Taken): Taken {
    void process?.ended.then(() => this.#slots.release());
    return process;
  }

  #open(line: string, signal: AbortSignal): Promise<Process> {
    const { client } = this.link;
    const request = (done: Parameters<typeof client.exec>[1]): unknown => client.exec(line, done);
    return openChannel(this.link, this.target.name, signal, request, (channel) =>
      processOf(channel, this.lost),
    );
  }
}

/** The process once it reads what is meant for it. */
async function handedOver(process: Process, marker: string, signal: AbortSignal): Promise<Process> {
  const stderr = new MarkedStderr(marker, true);
  process.stderr.pipe(stderr);
  const reads = Promise.race([stderr.started, process.ended.then(() => false)]);
  await handOver(process.stdin, marker, reads, signal).catch((error: unknown) => {
    process.kill();
    throw error;
  });
  return { ...process, stderr };
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

/** The others are: prohibited (1), of an unknown type (3), no resources (4). With any of them the server did not even try. */
const CONNECT_FAILED = 2;

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
