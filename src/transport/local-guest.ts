import { once } from 'node:events';
import { connect } from 'node:net';
import { hostname, userInfo } from 'node:os';
import type { Duplex } from 'node:stream';
import { sharedAbort } from '../concurrency/shared-abort.js';
import { GclabError } from '../errors.js';
import type { Target } from '../model.js';
import { type Exit, startChild } from './command/child.js';
import { CommandGuest } from './command/command-guest.js';
import type { Ending, Process } from './command/process.js';
import { TunnelRefused } from './tunnel/tunnel-refused.js';

/** This machine as a guest: the same commands, no SSH and no shell between. */
export class LocalGuest extends CommandGuest {
  readonly address = `${userInfo().username}@${hostname()} (this machine)`;
  readonly isShortOfSessions = false;
  readonly #closed: AbortController;

  constructor(
    target: Target,
    readonly env: Readonly<Record<string, string | undefined>>,
  ) {
    const closed = sharedAbort();
    super(target, closed.signal);
    this.#closed = closed;
  }

  protected override spawn(argv: readonly string[]): Promise<Process> {
    return spawnLocal(this.target, argv, this.env, this.lost);
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

/** A closed guest ends what it started. */
async function spawnLocal(
  target: Target,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  closed: AbortSignal,
): Promise<Process> {
  const child = startChild(argv, env);
  const { stdin, stdout, stderr, release } = child;
  await once(child.process, 'spawn').catch((cause: NodeJS.ErrnoException) => {
    throw notStarted(target, argv[0] ?? '', cause);
  });
  const kill = (): void => {
    release();
    killGroup(child.process.pid);
  };
  const ended = new Promise<Ending>((resolve, reject) => {
    const lose = (): void => {
      kill();
      resolve({ kind: 'lost' });
    };
    closed.addEventListener('abort', lose, { once: true });
    const end = (exit: Exit): void => {
      closed.removeEventListener('abort', lose);
      resolve({ kind: 'exit', ...exit });
    };
    child.ended.then(end, reject);
  });
  return { stdin, stdout, stderr, ended, close: release, kill };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGTERM');
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
