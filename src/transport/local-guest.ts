import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { hostname, userInfo } from 'node:os';
import type { Duplex } from 'node:stream';
import { GclabError } from '../errors.js';
import type { ExecOptions, Guest, Privilege, RemoteResult, RemoteStream, Target } from '../model.js';
import { type CommandContext, execCommand, streamCommand } from './command.js';
import type { Ending, Process } from './process.js';
import { TunnelRefused } from './tunnel-refused.js';

/** This machine as a guest: the same commands, no SSH and no shell between. */
export class LocalGuest implements Guest {
  readonly address = `${userInfo().username}@${hostname()} (this machine)`;
  #privilege: Privilege = 'none';
  #password: string | undefined;
  readonly #closed = new AbortController();
  readonly #context: CommandContext;

  constructor(
    readonly target: Target,
    env: Readonly<Record<string, string | undefined>>,
  ) {
    this.#context = {
      target,
      lost: this.#closed.signal,
      spawn: (argv) => spawnLocal(target, argv, env, this.#closed.signal),
      privilege: () => ({ privilege: this.#privilege, password: this.#password }),
    };
  }

  get privilege(): Privilege {
    return this.#privilege;
  }

  get lost(): AbortSignal {
    return this.#closed.signal;
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
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    try {
      await once(socket, 'connect', signal === undefined ? {} : { signal });
      return socket;
    } catch (cause) {
      socket.destroy();
      if (signal?.aborted) throw cause;
      throw new TunnelRefused(this.target.name, port, 'nothing-listens', cause);
    }
  }

  async close(): Promise<void> {
    this.#closed.abort();
  }
}

/** Its own process group, so that all of it can be ended. A closed guest ends it too, as a lost line would. */
async function spawnLocal(
  target: Target,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  closed: AbortSignal,
): Promise<Process> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  await once(child, 'spawn').catch((cause: NodeJS.ErrnoException) => {
    throw notStarted(target, program, cause);
  });
  const kill = (): void => killGroup(child);
  closed.addEventListener('abort', kill, { once: true });
  const ended = new Promise<Ending>((resolve) => {
    child.once('close', (exitCode, signal) => {
      closed.removeEventListener('abort', kill);
      resolve(closed.aborted ? { kind: 'lost' } : { kind: 'exit', exitCode, signal });
    });
  });
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    ended,
    close: () => release(child),
    kill,
  };
}

function release(child: ChildProcess): void {
  child.stdin?.destroy();
  child.stdout?.resume();
  child.stderr?.resume();
}

function killGroup(child: ChildProcess): void {
  release(child);
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch {
    // Gone already, or root's by sudo, which sees its stdin end.
  }
}

function notStarted(target: Target, program: string, cause: NodeJS.ErrnoException): GclabError {
  return new GclabError({
    code: 'remote-failed',
    doing: `running ${program}`,
    target: target.name,
    what: cause.code === 'ENOENT' ? 'there is no such program' : cause.message,
    hint: 'check that it is installed and on the PATH',
    cause,
  });
}
