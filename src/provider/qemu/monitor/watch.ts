import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { timeoutSignal } from '../../../concurrency/timeout-signal.js';
import * as z from '../../../zod.js';
import { type Console, consoleOf } from '../../vm/console.js';
import type { Ended } from '../process/launch.js';
import { hasPower } from '../process/power.js';
import { Faults, type GuestFault, type Shutdown, type Watched } from './fault.js';
import {
  connectSocket,
  diskOperations,
  isNetworkUp,
  type QmpEvent,
  QmpSession,
  statusOf,
} from './session.js';

const LOOK_EVERY_MS = 1_000;

/** shim resets a published image's guest once on its first boot. One that resets so often gets nowhere. */
const RESETS = 8;

/** A silence that is told while it lasts. */
const LONG_SILENCE_MS = 10_000;

/** Its process may be seen to be gone before the last of what it said is read. */
const LAST_EVENTS_MS = 1_000;

const ShutdownData = z.object({ guest: z.boolean(), reason: z.string().max(64).optional() });

/**
 * Watches a guest that boots, from outside: what QEMU says of it (its events, and its state for one that stopped before
 * somebody listened), and the signs of life: what it writes to its console, its disk, its network. `begin`, then `release`.
 */
export class GuestWatch {
  readonly #watched: Watched;
  readonly #console: Console;
  readonly #faults: Faults;
  readonly #failed = new AbortController();
  #session: QmpSession | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  #resets = 0;
  #shutdown: Shutdown | undefined;
  #end: Ended | undefined;
  #consoleBytes: number;
  #diskOperations = 0;
  #isNetworkUp = false;
  /** Since then neither console, disk nor network has shown that the guest runs. */
  #silentSince = performance.now();
  #answeredAt = performance.now();

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#consoleBytes = watched.consoleFrom;
    this.#console = consoleOf(watched.folder.console, watched.consoleFrom);
    this.#faults = new Faults(watched, this.#console);
  }

  /** Aborts with a `GuestFault` as its reason. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  async begin(): Promise<void> {
    void this.#watched.ended?.then((end) => {
      this.#end = end;
      void this.#look();
    });
    const socket = await connectSocket(this.#watched.folder.events);
    // Another gclab may be listening: the state, which is asked for, tells nearly as much.
    if (typeof socket !== 'string')
      this.#session = new QmpSession(socket, socket, (event) => this.#on(event));
    this.#session?.ended.addEventListener('abort', () => void this.#look(), { once: true });
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS);
    await this.#look();
  }

  release(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#session?.close();
  }

  /** `no sign of life for 35 s, given up after 90 s (kvm)`; empty where it was not silent for long. */
  describe(): string {
    const silentMs = performance.now() - this.#silentSince;
    if (silentMs < LONG_SILENCE_MS || this.#isNetworkUp) return '';
    const { silenceMs, accelerator } = this.#watched;
    const bound = `given up after ${seconds(silenceMs)} (${accelerator ?? 'accelerator unknown'})`;
    return `no sign of life for ${seconds(silentMs)}, ${bound}`;
  }

  #on({ event, data }: QmpEvent): void {
    if (event === 'RESET') this.#resets += 1;
    if (event === 'SHUTDOWN') this.#shutdown = ShutdownData.safeParse(data).data;
    if (event === 'STOP' || event === 'RESET' || event === 'GUEST_PANICKED') void this.#look();
  }

  async #look(): Promise<void> {
    if (this.#isLooking || this.#timer === undefined) return;
    this.#isLooking = true;
    const fault = await this.#fault().finally(() => {
      this.#isLooking = false;
    });
    if (fault === undefined || this.#timer === undefined) return;
    this.release();
    this.#failed.abort(fault);
  }

  async #fault(): Promise<GuestFault | undefined> {
    const { folder, ended, silenceMs } = this.#watched;
    const isOff = ended === undefined ? !(await hasPower(folder)) : this.#end !== undefined;
    if (isOff) return await this.#off();
    const status = await statusOf(folder.monitor);
    if (status !== undefined) this.#answeredAt = performance.now();
    if (status !== undefined && status !== 'running') return await this.#faults.stopped(status);
    const panic = await this.#console.gaveUp();
    if (panic !== undefined) return this.#faults.panicked(panic);
    await this.#lookForSigns();
    if (this.#resets >= RESETS && !this.#isNetworkUp) return await this.#faults.resetting(this.#resets);
    const now = performance.now();
    if (status === undefined && now - this.#answeredAt >= silenceMs) return await this.#faults.unanswered();
    return now - this.#silentSince >= silenceMs ? await this.#faults.silent() : undefined;
  }

  async #off(): Promise<GuestFault> {
    const heard = this.#session?.ended;
    if (heard?.aborted === false)
      await once(AbortSignal.any([heard, timeoutSignal(LAST_EVENTS_MS)]), 'abort');
    return await this.#faults.off(this.#shutdown, this.#end);
  }

  /** A guest with a network runs, however silent it is. */
  async #lookForSigns(): Promise<void> {
    const { folder } = this.#watched;
    const bytes = (await stat(folder.console).catch(() => undefined))?.size ?? 0;
    const operations = (await diskOperations(folder.monitor)) ?? this.#diskOperations;
    this.#isNetworkUp = (await isNetworkUp(folder.monitor)) ?? this.#isNetworkUp;
    const hasMoved = bytes !== this.#consoleBytes || operations !== this.#diskOperations;
    if (hasMoved || this.#isNetworkUp) this.#silentSince = performance.now();
    this.#consoleBytes = bytes;
    this.#diskOperations = operations;
  }
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}
