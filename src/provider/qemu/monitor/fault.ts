import { type ErrorCode, GclabError } from '../../../errors.js';
import { noRoom } from '../../controller/file-system-fault.js';
import type { Accelerator } from '../../provider.js';
import type { Console } from '../../vm/console.js';
import { describeEnd, type Ended, qemuSaid } from '../process/launch.js';
import type { VmFolder } from '../record.js';

/** A guest that boots, and how patiently. */
export interface Watched {
  readonly name: string;
  readonly folder: VmFolder;
  readonly accelerator: Accelerator | null;
  /** What of the console log earlier boots have written, in bytes. */
  readonly consoleFrom: number;
  /** A guest that has no network, and neither writes to its console nor uses its disk for so long, is taken for dead. */
  readonly silenceMs: number;
  /** How its QEMU ended, where it was launched here. */
  readonly ended?: Promise<Ended>;
}

type Kind = 'powered-off' | 'qemu-ended' | 'stopped' | 'panicked' | 'resetting' | 'silent';

/** What another try would have to do without; null where nobody can tell. */
type Blame = 'accelerator' | 'guest' | null;

/** A guest that will not come up. */
export class GuestFault extends GclabError {
  constructor(
    readonly kind: Kind,
    readonly blame: Blame,
    detail: {
      readonly code: ErrorCode;
      readonly target: string;
      readonly what: string;
      readonly hint: string;
    },
  ) {
    super({ doing: 'waiting for the guest', ...detail });
  }
}

/** QEMU's event (qapi/run-state.json): whether the guest wanted it, and the reason in QEMU's words. */
export interface Shutdown {
  readonly guest: boolean;
  readonly reason?: string | undefined;
}

/** States out of which a guest comes by a power cut only; the others are somebody's wish, or wait for room on a disk. */
const LOST: ReadonlySet<string> = new Set(['internal-error', 'guest-panicked', 'shutdown']);

export function isLost(status: string): boolean {
  return LOST.has(status);
}

/** Makes the faults of one guest, each with all that is known of it. */
export class Faults {
  readonly #watched: Watched;
  readonly #console: Console;

  constructor(watched: Watched, console: Console) {
    this.#watched = watched;
    this.#console = console;
  }

  /** QEMU is gone. What of the two is known says why. */
  async off(shutdown: Shutdown | undefined, end: Ended | undefined): Promise<GuestFault> {
    const endedWell = end?.exitCode === 0 && shutdown === undefined;
    if (shutdown?.guest || endedWell)
      return await this.#fault('powered-off', 'guest', 'the guest powered off');
    if (shutdown !== undefined)
      return await this.#fault(
        'qemu-ended',
        null,
        `QEMU was told to end (${shutdown.reason ?? 'by its host'})`,
      );
    if (end?.signal === 'SIGKILL')
      return await this.#fault('qemu-ended', null, 'QEMU was killed, by somebody or for want of memory');
    const said = await qemuSaid(this.#watched.folder);
    if (end === undefined) return await this.#fault('qemu-ended', null, `QEMU is gone${said && `: ${said}`}`);
    return await this.#fault('qemu-ended', 'accelerator', describeEnd(end, said));
  }

  /** `status`: what QEMU calls it (`RunState`). */
  async stopped(status: string): Promise<GuestFault> {
    const { folder } = this.#watched;
    const said = await qemuSaid(folder);
    const what = `QEMU stopped the guest (${status}${said && `: ${said}`})`;
    if (status === 'guest-panicked') return await this.#fault('panicked', 'guest', what);
    if (status !== 'io-error') return await this.#fault('stopped', 'accelerator', what);
    const full = await noRoom('waiting for the guest', folder.path, status);
    return full === undefined
      ? await this.#fault('stopped', null, what)
      : new GuestFault('stopped', null, {
          code: 'no-space',
          target: this.#watched.name,
          what: full.what,
          hint: full.hint ?? '',
        });
  }

  panicked(panic: string): GuestFault {
    return this.#plain('panicked', 'guest', panic);
  }

  async resetting(times: number): Promise<GuestFault> {
    return await this.#fault('resetting', 'accelerator', `the guest reset itself ${times} times`);
  }

  async silent(): Promise<GuestFault> {
    const silence = `the guest gave no sign of life (console, disk, network) for ${this.#patience()}`;
    return await this.#fault('silent', 'accelerator', silence);
  }

  async unanswered(): Promise<GuestFault> {
    return await this.#fault(
      'silent',
      'accelerator',
      `QEMU did not answer its monitor for ${this.#patience()}`,
    );
  }

  #patience(): string {
    return `${Math.round(this.#watched.silenceMs / 1_000)} s`;
  }

  async #fault(kind: Kind, blame: Blame, what: string): Promise<GuestFault> {
    const lastLine = await this.#console.lastLine();
    const console = lastLine === undefined ? 'its console is empty' : `its console ends with: ${lastLine}`;
    return this.#plain(kind, blame, `${what}; ${console}`);
  }

  #plain(kind: Kind, blame: Blame, what: string): GuestFault {
    const { name: target, folder } = this.#watched;
    const hint = `see its console log, ${folder.console}, and what QEMU said, ${folder.log}`;
    return new GuestFault(kind, blame, { code: CODES[kind], target, what, hint });
  }
}

const CODES = {
  'powered-off': 'vm-start',
  'qemu-ended': 'vm-start',
  stopped: 'vm-start',
  panicked: 'vm-panicked',
  resetting: 'vm-start',
  silent: 'vm-silent',
} as const satisfies Record<Kind, ErrorCode>;
