import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatDuration } from '../../../units.js';
import { interrupted } from '../../controller/failure.js';
import type { Architecture } from '../../controller/places.js';
import type { Accelerator, Tried, Work } from '../../provider.js';
import { consoleOf } from '../../vm/console.js';
import { copyVars, type Firmware } from '../firmware.js';
import { QmpSession, readStatus } from '../monitor/session.js';
import { machineArgv } from '../process/argv.js';
import { complaints, describeEnd, type Ended } from '../process/launch.js';

/** The firmware needs no more; a processor maps what is touched. */
const MEMORY_BYTES = 512 * 2 ** 20;

/** A good one needs a second, emulation seven; this allows for a machine that is twenty times as busy. */
export const TRIAL_MS: Readonly<Record<Accelerator, number>> = { kvm: 60_000, hvf: 60_000, tcg: 180_000 };

const LOOK_EVERY_MS = 50;

export interface Trial {
  readonly program: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly architecture: Architecture;
  readonly firmware: Firmware;
  readonly accelerator: Accelerator;
  readonly cpus: number;
  readonly boundMs: number;
}

/**
 * Runs the firmware that guests have, until it says something on its console. A device node proves nothing, and neither do a
 * few instructions: there are machines whose KVM runs those, and not the firmware. The firmware of x86 waits for every virtual
 * CPU before its first word (edk2, MpInitLib); that of arm64 leaves all but the first to the kernel. `folder` is the trial's own.
 */
export async function tryAccelerator(trial: Trial, folder: string, work: Work): Promise<Tried> {
  const { accelerator, cpus } = trial;
  const seen = await runFirmware(trial, folder, work.signal);
  if (work.signal.aborted) throw interrupted(`trying ${accelerator}`, work.signal.reason);
  return { accelerator, cpus, ...seen };
}

type Seen = Pick<Tried, 'works' | 'ran' | 'what'>;

async function runFirmware(trial: Trial, folder: string, signal: AbortSignal): Promise<Seen> {
  const startedAt = performance.now();
  const qemu = await TrialQemu.begin(trial, folder);
  const onAbort = (): void => qemu.kill();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    for (;;) {
      const seen = await qemu.look(performance.now() - startedAt);
      if (seen !== undefined) return seen;
      await sleep(LOOK_EVERY_MS);
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    qemu.kill();
    await qemu.ended;
  }
}

/** A child of ours, with its monitor on stdin and stdout: it needs no socket, and so no short path. */
class TrialQemu {
  readonly ended: Promise<void>;
  readonly #trial: Trial;
  readonly #folder: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #session: QmpSession;
  #end: Ended | undefined;
  #hasRun = false;

  private constructor(trial: Trial, folder: string, child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#trial = trial;
    this.#folder = folder;
    this.#child = child;
    this.#session = new QmpSession(child.stdout, child.stdin);
    this.ended = new Promise((resolve) => {
      const onEnd = (exitCode: number | null, signal: NodeJS.Signals | null): void => {
        this.#end = { exitCode, signal };
        resolve();
      };
      child.once('exit', onEnd).once('error', () => onEnd(null, null));
    });
  }

  static async begin(trial: Trial, folder: string): Promise<TrialQemu> {
    const vars = join(folder, 'vars.fd');
    await copyVars(trial.firmware, vars);
    const console = join(folder, CONSOLE);
    const machine = { ...trial, memoryBytes: MEMORY_BYTES, threads: 'multi', vars, console } as const;
    const [program, ...args] = machineArgv(machine);
    const log = await open(join(folder, LOG), 'w');
    const argv = [...args, ...MONITOR, '-pidfile', join(folder, 'pid')];
    try {
      const child = spawn(program, argv, { detached: true, env: trial.env, stdio: ['pipe', 'pipe', log.fd] });
      // Before anything else is awaited: the child may end at once.
      return new TrialQemu(trial, folder, child as ChildProcessByStdio<Writable, Readable, null>);
    } finally {
      await log.close();
    }
  }

  kill(): void {
    this.#session.close();
    this.#child.kill('SIGKILL');
  }

  /** What came of it; undefined while that is open. */
  async look(elapsedMs: number): Promise<Seen | undefined> {
    const status = readStatus(await this.#session.execute('query-status'));
    if (status !== undefined) this.#hasRun = true;
    const after = `after ${formatDuration(elapsedMs)}`;
    if (this.#end !== undefined) return await this.#failed(describeEnd(this.#end));
    if (status !== undefined && status !== 'running')
      return await this.#failed(`QEMU stopped the firmware (${status}) ${after}`);
    if (status === 'running' && (await this.#lastLine()) !== undefined)
      return { works: true, ran: 'firmware', what: `the firmware came to its first words ${after}` };
    if (elapsedMs < this.#trial.boundMs) return undefined;
    const missing =
      status === undefined ? 'QEMU did not answer' : 'the firmware did not come to its first words';
    return await this.#failed(`${missing} within ${formatDuration(elapsedMs)}`);
  }

  async #failed(how: string): Promise<Seen> {
    const said = complaints(await readFile(join(this.#folder, LOG), 'utf8').catch(() => ''));
    const console = (await this.#lastLine()) ?? '';
    // What QEMU refuses it says in its first line; the others repeat it.
    if (!this.#hasRun && said !== '') return { works: false, ran: null, what: said.split(' · ')[0] ?? said };
    const shown = console === '' ? 'its console is empty' : `its console ends with: ${console}`;
    const what = [how, said, ...(this.#hasRun ? [shown] : [])].filter((part) => part !== '').join('; ');
    return { works: false, ran: this.#hasRun ? 'firmware' : null, what };
  }

  async #lastLine(): Promise<string | undefined> {
    return await consoleOf(join(this.#folder, CONSOLE)).lastLine();
  }
}

const CONSOLE = 'console.log';
const LOG = 'qemu.log';
const MONITOR = ['-chardev', 'stdio,id=monitor,signal=off', '-mon', 'chardev=monitor,mode=control'];
