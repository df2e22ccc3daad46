import type { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { GclabError } from '../errors.js';
import type { ExecOptions, Guest, Privilege, RemoteResult, RemoteStream, Target } from '../model.js';
import { ChannelDuplex } from './channel-duplex.js';
import { type CommandContext, execCommand, streamCommand } from './command.js';
import type { Endpoint } from './endpoint.js';
import type { Link } from './link.js';
import type { Ending, Process } from './process.js';
import { commandLine } from './quote.js';

/** A guest over an ssh2 connection. */
export class SshGuest implements Guest {
  readonly address: string;
  readonly lost: AbortSignal;
  #privilege: Privilege = 'none';
  #password: string | undefined;
  readonly #open = new Set<ClientChannel>();
  readonly #context: CommandContext;

  constructor(
    readonly target: Target,
    endpoint: Endpoint,
    readonly link: Link,
  ) {
    this.address = `${endpoint.user}@${endpoint.host}:${endpoint.port} (${link.hostKey})`;
    this.lost = link.lost;
    this.#context = {
      target,
      lost: link.lost,
      spawn: (argv) => this.#spawn(argv),
      privilege: () => ({ privilege: this.#privilege, password: this.#password }),
    };
  }

  get privilege(): Privilege {
    return this.#privilege;
  }

  setPrivilege(privilege: Privilege, password?: string): void {
    this.#privilege = privilege;
    this.#password = password;
  }

  exec(argv: readonly string[], options?: ExecOptions): Promise<RemoteResult> {
    return execCommand(this.#context, argv, options);
  }

  stream(argv: readonly string[], options?: Omit<ExecOptions, 'stdin'>): Promise<RemoteStream> {
    return streamCommand(this.#context, argv, options);
  }

  async connectTcp(port: number, signal?: AbortSignal): Promise<Duplex> {
    const channel = await this.#channel<ClientChannel>(
      (done) => this.link.client.forwardOut('127.0.0.1', 0, '127.0.0.1', port, done),
      (error) => tunnelRefused(this.target.name, port, error),
      signal,
    );
    return new ChannelDuplex(channel as ConstructorParameters<typeof ChannelDuplex>[0]);
  }

  async close(): Promise<void> {
    if (this.lost.aborted) return;
    await new Promise<void>((resolve) => {
      this.lost.addEventListener('abort', () => resolve(), { once: true });
      this.link.client.end();
    });
  }

  async #spawn(argv: readonly string[]): Promise<Process> {
    const line = commandLine(argv);
    const channel = await this.#channel<ClientChannel>(
      (done) => this.link.client.exec(line, done),
      (error) => execRefused(this.target.name, argv, error),
    );
    this.#open.add(channel);
    channel.once('close', () => this.#open.delete(channel));
    return {
      stdin: channel.stdin,
      stdout: channel.stdout,
      stderr: channel.stderr,
      ended: this.#ended(channel),
      kill: () => {
        // Unread output would hold up the channel's close.
        channel.resume();
        channel.stderr.resume();
        channel.close();
      },
    };
  }

  /** A request for a channel, raced with the loss of the connection: ssh2 may never call back. */
  #channel<T extends ClientChannel>(
    request: (done: (error: Error | undefined, channel: T) => void) => void,
    refusal: (error: Error) => GclabError,
    signal?: AbortSignal,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const isLost = (): void => reject(lostBefore(this.target.name, this.lost.reason));
      const isAborted = (): void => reject(signal?.reason);
      if (this.lost.aborted) return isLost();
      if (signal?.aborted) return isAborted();
      this.lost.addEventListener('abort', isLost, { once: true });
      signal?.addEventListener('abort', isAborted, { once: true });
      const settle = (): void => {
        this.lost.removeEventListener('abort', isLost);
        signal?.removeEventListener('abort', isAborted);
      };
      try {
        request((error, channel) => {
          settle();
          if (error) reject(this.lost.aborted ? lostBefore(this.target.name, error) : refusal(error));
          else if (signal?.aborted) channel.destroy();
          else resolve(channel);
        });
      } catch (error) {
        settle();
        reject(lostBefore(this.target.name, error));
      }
    });
  }

  #ended(channel: ClientChannel): Promise<Ending> {
    return new Promise((resolve) => {
      let ending: Ending = { kind: 'lost' };
      channel.once('exit', (code: number | null, signal?: string) => {
        ending = { kind: 'exit', exitCode: code, signal: signal === undefined ? null : `SIG${signal}` };
      });
      channel.once('close', () => resolve(ending));
      channel.once('error', (cause: Error) => resolve({ kind: 'lost', cause }));
      this.lost.addEventListener(
        'abort',
        () => resolve(ending.kind === 'exit' ? ending : { kind: 'lost', cause: this.lost.reason }),
        { once: true },
      );
    });
  }
}

function lostBefore(target: string, cause: unknown): GclabError {
  return new GclabError({
    code: 'connection-lost',
    doing: 'opening a channel',
    target,
    what: 'the connection is gone',
    hint: 'check that the host is up; what runs on it goes on, and a run can be picked up with gclab remote attach',
    cause,
  });
}

function execRefused(target: string, argv: readonly string[], cause: Error): GclabError {
  return new GclabError({
    code: 'remote-failed',
    doing: `running ${argv[0]}`,
    target,
    what: `the server did not open a session for it (${cause.message})`,
    hint: 'its sshd may forbid commands for this user or allow fewer sessions at once (MaxSessions)',
    cause,
  });
}

function tunnelRefused(target: string, port: number, cause: Error): GclabError {
  return new GclabError({
    code: 'tunnel-refused',
    doing: `connecting to port ${port} on its loopback`,
    target,
    what: `the server refused (${cause.message})`,
    hint: 'either nothing listens there, or its sshd forbids forwarding (AllowTcpForwarding)',
    cause,
  });
}
