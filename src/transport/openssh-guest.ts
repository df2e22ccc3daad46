import { spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { GclabError } from '../errors.js';
import type { ExecOptions, Guest, Privilege, RemoteResult, RemoteStream, Target } from '../model.js';
import { printable } from '../printable.js';
import { ChannelDuplex } from './channel-duplex.js';
import { type CommandContext, execCommand, streamCommand } from './command.js';
import { connectionLost } from './command-errors.js';
import type { Endpoint } from './endpoint.js';
import type { Master } from './openssh-master.js';
import type { Ending, Process } from './process.js';
import { commandLine } from './quote.js';
import { SessionSlots } from './session-slots.js';
import { MarkedStderr, marked } from './start-marker.js';
import { TunnelRefused } from './tunnel-refused.js';

/** What ssh exits with for an error of its own, and for a command that a signal ended. */
const SSH_FAILED = 255;

/** A guest over the system's ssh, for what ssh2 cannot do. Each command is an `ssh` that goes through the master. */
export class OpensshGuest implements Guest {
  readonly address: string;
  readonly lost: AbortSignal;
  #privilege: Privilege = 'none';
  #password: string | undefined;
  readonly #slots = new SessionSlots();
  readonly #context: CommandContext;

  constructor(
    readonly target: Target,
    endpoint: Endpoint,
    readonly master: Master,
    readonly env: Readonly<Record<string, string | undefined>>,
  ) {
    this.address = `${endpoint.user}@${endpoint.host}:${endpoint.port} (by ssh)`;
    this.lost = master.lost;
    this.#context = {
      target,
      lost: master.lost,
      spawn: (argv, signal) => this.#spawn(argv, signal),
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
    signal?.throwIfAborted();
    if (this.lost.aborted)
      throw connectionLost({ target: this.target.name, argv: ['ssh -W'] }, 'the connection is gone');
    // -v, since without it ssh says nothing once it is through, and waits.
    const child = this.#ssh(['-v', '-W', `127.0.0.1:${port}`, '--', 'guest']);
    const stderr = new MarkedStderr('', true);
    child.stderr.pipe(stderr);
    await this.#through(child, stderr, port, signal);
    const ended = child.ended.then(() => {});
    return new ChannelDuplex(
      Promise.resolve({
        readable: child.stdout,
        writable: child.stdin,
        isWritable: () => child.stdin.writable,
        onClose: (closed) => void ended.then(closed),
        close: child.kill,
      }),
    );
  }

  close(): Promise<void> {
    return this.master.close();
  }

  async #through(
    child: Process,
    stderr: MarkedStderr,
    port: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const abandon = (): void => {
        child.kill();
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abandon, { once: true });
      stderr.on('talk', (talk: string) => {
        if (!talk.includes('master session id')) return;
        signal?.removeEventListener('abort', abandon);
        resolve();
      });
      void child.ended.then(() =>
        reject(new TunnelRefused(this.target.name, port, 'forbidden', new Error(printable(stderr.talk)))),
      );
    });
  }

  async #spawn(argv: readonly string[], signal: AbortSignal): Promise<Process> {
    const command = marked(argv);
    const line = commandLine(command.argv);
    const open = (): Promise<Process> => this.#start(line, command.marker, argv);
    const process = await this.#slots
      .take(open, (error) => error instanceof NoSession, signal)
      .catch((error: unknown) => {
        throw error instanceof NoSession ? refused(this.target.name, argv, error) : error;
      });
    void process.ended.then(() => this.#slots.release());
    return process;
  }

  /** Resolves once the command runs, or ended in some other way than by ssh's own failure. */
  async #start(line: string, marker: string, argv: readonly string[]): Promise<Process> {
    const child = this.#ssh(['-T', '--', 'guest', line]);
    const stderr = new MarkedStderr(marker, true);
    child.stderr.pipe(stderr);
    const process = { ...child, stderr, ended: this.#truly(child, stderr) };
    if (await Promise.race([stderr.started, child.exited.then(() => stderr.hasStarted)])) return process;
    const exitCode = await child.exited;
    if (this.lost.aborted) throw connectionLost({ target: this.target.name, argv }, 'the connection is gone');
    // A forced command may have run in place of ours: then that is what ended.
    if (exitCode !== SSH_FAILED) return process;
    child.kill();
    throw new NoSession(printable(stderr.talk.trim()));
  }

  /** Of a command that seems to have ended with 255, the master says whether it was the line. */
  async #truly(child: Process, stderr: MarkedStderr): Promise<Ending> {
    const ending = await child.ended;
    if (ending.kind === 'lost' || ending.exitCode === null) return { kind: 'lost' };
    if (ending.exitCode !== SSH_FAILED || !stderr.hasStarted)
      return this.lost.aborted ? { kind: 'lost' } : ending;
    const check = await this.#ssh(['-O', 'check', '--', 'guest']).ended;
    return check.kind === 'exit' && check.exitCode === 0 ? ending : { kind: 'lost' };
  }

  #ssh(args: readonly string[]): Process & { readonly exited: Promise<number | null> } {
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
    const child = spawn('ssh', [...options, ...args], {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: this.env,
    });
    child.stdin.on('error', () => {});
    const ended = new Promise<Ending>((resolve) => {
      child.once('close', (exitCode, signal) => resolve({ kind: 'exit', exitCode, signal }));
      child.once('error', (cause) => resolve({ kind: 'lost', cause }));
    });
    const exited = new Promise<number | null>((resolve) => {
      child.once('exit', resolve);
      child.once('error', () => resolve(null));
    });
    const kill = (): void => {
      child.stdout.resume();
      child.stderr.resume();
      child.kill();
    };
    return {
      stdin: child.stdin,
      stdout: child.stdout,
      stderr: child.stderr,
      ended,
      exited,
      close: kill,
      kill,
    };
  }
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
