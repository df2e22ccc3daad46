import type { Duplex } from 'node:stream';
import type { ExecOptions, Guest, Privilege, RemoteResult, RemoteStream, Target } from '../../model.js';
import { execCommand, streamCommand } from './command.js';
import type { CommandContext } from './command-context.js';
import type { Process, Spawn } from './process.js';

/** What every kind of guest has in common: commands, and how they become root's. */
export abstract class CommandGuest implements Guest {
  abstract readonly address: string;
  abstract readonly isShortOfSessions: boolean;
  #privilege: Privilege = 'none';
  #password: string | undefined;
  readonly #context: CommandContext;

  constructor(
    readonly target: Target,
    readonly lost: AbortSignal,
  ) {
    this.#context = {
      target,
      lost,
      spawn: (...args) => this.spawn(...args),
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

  openAhead(): void {}

  abstract connectTcp(port: number, signal?: AbortSignal): Promise<Duplex>;
  abstract close(): Promise<void>;

  /** Starts a command as the user we are there. */
  protected abstract spawn(...args: Parameters<Spawn>): Promise<Process>;
}
