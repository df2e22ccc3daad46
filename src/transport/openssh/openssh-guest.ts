import type { Duplex } from 'node:stream';
import { GclabError } from '../../errors.js';
import type { Target } from '../../model.js';
import { printable } from '../../printable.js';
import { type Child, startChild } from '../command/child.js';
import { connectionLost } from '../command/command-errors.js';
import { CommandGuest } from '../command/command-guest.js';
import { handOver } from '../command/hand-over.js';
import type { Ending, Process, Spawn } from '../command/process.js';
import { commandLine } from '../command/quote.js';
import { MarkedStderr, marked, markedReader } from '../command/start-marker.js';
import type { Endpoint } from '../config/endpoint.js';
import { SessionSlots } from '../ssh2/session-slots.js';
import { ChannelDuplex } from '../tunnel/channel-duplex.js';
import { TunnelRefused } from '../tunnel/tunnel-refused.js';
import type { Master } from './openssh-master.js';

/** What ssh exits with for an error of its own, and for a command that a signal ended. */
const SSH_FAILED = 255;

/** A guest over the system's ssh, for what ssh2 cannot do. Each command is an `ssh` that goes through the master. */
export class OpensshGuest extends CommandGuest {
  readonly address: string;
  readonly #gone: Promise<'gone'>;
  readonly #slots = new SessionSlots();

  constructor(
    target: Target,
    endpoint: Endpoint,
    readonly master: Master,
    readonly env: Readonly<Record<string, string | undefined>>,
  ) {
    super(target, master.lost);
    this.address = `${endpoint.user}@${endpoint.host}:${endpoint.port} (by ssh)`;
    this.#gone = new Promise((resolve) =>
      master.lost.addEventListener('abort', () => resolve('gone'), { once: true }),
    );
  }

  get isShortOfSessions(): boolean {
    return this.#slots.isShort;
  }

  async connectTcp(port: number, signal?: AbortSignal): Promise<Duplex> {
    signal?.throwIfAborted();
    if (this.lost.aborted)
      throw connectionLost({ target: this.target.name, argv: ['ssh -W'] }, 'the connection is gone');
    // -v, since without it ssh says nothing once it is through, and waits.
    const child = this.#ssh(['-v', '-W', `127.0.0.1:${port}`, '--', 'guest']);
    await this.#through(child, port, signal);
    const ended = child.ended.then(() => {});
    return new ChannelDuplex(
      Promise.resolve({
        readable: child.stdout,
        writable: child.stdin,
        isWritable: () => child.stdin.writable,
        onClose: (closed) => void ended.then(closed),
        close: () => kill(child),
      }),
    );
  }

  close(): Promise<void> {
    return this.master.close();
  }

  /** ssh does not say whether nothing listens or forwarding is forbidden: a bridge would find out. */
  #through(child: Child, port: number, signal: AbortSignal | undefined): Promise<void> {
    let said = '';
    return new Promise((resolve, reject) => {
      const abandon = (): void => {
        kill(child);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abandon, { once: true });
      const settle = (): void => signal?.removeEventListener('abort', abandon);
      child.stderr.on('data', (chunk: Buffer) => {
        said = `${said}${chunk}`.slice(-2_000);
        if (!said.includes('master session id')) return;
        settle();
        resolve();
      });
      void child.exited.then(() => {
        settle();
        reject(new TunnelRefused(this.target.name, port, 'forbidden', new Error(printable(said))));
      });
    });
  }

  protected override async spawn(...[argv, signal, input]: Parameters<Spawn>): Promise<Process> {
    const open = (): Promise<Process> => this.#start(argv, signal, input);
    const process = await this.#slots
      .take(open, (error) => error instanceof NoSession, signal)
      .catch((error: unknown) => {
        throw error instanceof NoSession ? refused(this.target.name, argv, error) : error;
      });
    void process.ended.then(() => this.#slots.release());
    return process;
  }

  /** Resolves once the command runs, or ended in some other way than by ssh's own failure. */
  async #start(...[argv, signal, input]: Parameters<Spawn>): Promise<Process> {
    const command = input === 'nothing' ? marked(argv) : markedReader(argv);
    const child = this.#ssh(['-T', '--', 'guest', commandLine(command.argv)]);
    const stderr = new MarkedStderr(command.marker, true);
    child.stderr.pipe(stderr);
    const end = (): void => kill(child);
    const process: Process = {
      stdin: child.stdin,
      stdout: child.stdout,
      stderr,
      ended: this.#truly(child, stderr),
      close: end,
      kill: end,
    };
    const started = Promise.race([stderr.started, child.exited.then(() => false)]);
    const handed = input !== 'nothing' ? handOver(child.stdin, command.marker, started, signal) : started;
    const isRunning = await handed.catch((error: unknown) => {
      end();
      throw error;
    });
    if (isRunning) return process;
    const { exitCode } = await child.exited;
    if (this.lost.aborted) throw connectionLost({ target: this.target.name, argv }, 'the connection is gone');
    // It ended before its stderr was read, or a forced command ran in place of ours: then that is what ended.
    if (exitCode !== SSH_FAILED || (await stderr.started)) return process;
    end();
    throw new NoSession(printable(stderr.talk.trim()));
  }

  /** Of a command that seems to have ended with 255, the master says whether it was the line. */
  async #truly(child: Child, stderr: MarkedStderr): Promise<Ending> {
    const exit = await Promise.race([child.ended, this.#gone]);
    if (exit === 'gone' || exit.exitCode === null || this.lost.aborted) return { kind: 'lost' };
    if (exit.exitCode !== SSH_FAILED || !stderr.hasStarted) return { kind: 'exit', ...exit };
    const check = this.#ssh(['-O', 'check', '--', 'guest']);
    check.release();
    return (await check.exited).exitCode === 0 ? { kind: 'exit', ...exit } : { kind: 'lost' };
  }

  #ssh(args: readonly string[]): Child {
    // No configuration, and no way to connect but through the master.
    const options = [
      '-F',
      'none',
      '-S',
      this.master.socket,
      '-o',
      'ControlMaster=no',
      '-o',
      'ProxyCommand=false',
    ];
    return startChild(['ssh', ...options, ...args], this.env);
  }
}

function kill(child: Child): void {
  child.release();
  child.process.kill();
}

class NoSession extends Error {}

function refused(target: string, argv: readonly string[], cause: NoSession): GclabError {
  return new GclabError({
    code: 'remote-failed',
    doing: `running ${argv[0]}`,
    target,
    what: `the server opened no session for it (${cause.message})`,
    hint: 'its sshd may forbid commands for this user, or allow no session at all (MaxSessions)',
    cause,
  });
}
