import { setTimeout as sleep } from 'node:timers/promises';
import { timeoutSignal } from '../../concurrency/timeout-signal.js';
import { type ErrorCode, GclabError } from '../../errors.js';
import type { Guest } from '../../model.js';
import { readBootId } from './boot-id.js';

/** Where a reboot is: still the old boot, nothing there, answering but not ready, or back. */
export type RebootPhase = 'shutting-down' | 'no-answer' | 'starting' | 'up';

export interface RebootOptions {
  /** Optional. Resolves when connecting is worth a try; a rejection ends the wait. */
  readonly awaitUp?: (signal: AbortSignal) => Promise<void>;
  /** A fresh connection to the same target, privilege set. Never one that was there before. */
  readonly reconnect: (signal: AbortSignal) => Promise<Guest>;
  /** From facts, read before. */
  readonly oldBootId: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly onPhase?: (phase: RebootPhase, elapsedMs: number) => void;
  readonly now?: () => number;
}

export interface Rebooted {
  readonly guest: Guest;
  readonly bootId: string;
  readonly durationMs: number;
}

const POLL_MS = 500;
/** What does not greet for so long is down. */
const DOWN_MS = 1_000;
/** sshd punishes failed logins (PerSourcePenalties), and during boot pam_nologin fails them all. */
const AFTER_REFUSAL_MS = 3_000;
/** A half-dead sshd, or a forwarder before a guest that is down, accepts and says nothing. */
const ATTEMPT_MS = 15_000;
const AT_ONCE = 8;
/** A handshake under way is not hurried by a second one: on a slow guest they only hold each other up. */
const HURRY_MS = 2_000;

type Seen = 'old' | 'nothing' | 'refused' | 'unclear' | Rebooted;

/** Waits for another boot id, over connections made by `reconnect`. */
export class RebootWait {
  readonly signal: AbortSignal;
  readonly #over = new AbortController();
  readonly #now: () => number;
  readonly #start: number;
  readonly #timeout: AbortSignal;
  #phase: RebootPhase | null = null;
  #notBefore = 0;
  #asking = 0;
  readonly #connecting = new Set<AbortController>();
  #lastStart = Number.NEGATIVE_INFINITY;
  #fatal: unknown;
  #found: Rebooted | null = null;

  constructor(
    readonly target: string,
    readonly options: RebootOptions,
  ) {
    this.#now = options.now ?? (() => performance.now());
    this.#start = this.#now();
    this.#timeout = timeoutSignal(options.timeoutMs);
    this.signal = AbortSignal.any([
      this.#timeout,
      this.#over.signal,
      ...(options.signal === undefined ? [] : [options.signal]),
    ]);
  }

  enter(phase: RebootPhase): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.options.onPhase?.(phase, this.#elapsed());
  }

  end(): void {
    this.#over.abort();
  }

  /** A new attempt every half second, a few at once: one that hangs must not hide that the guest is back. */
  async poll(): Promise<Rebooted> {
    const running = new Set<Promise<Rebooted | null>>();
    try {
      return await this.#pollUntilBack(running);
    } catch (error) {
      // One may have found it at the same moment: nobody else would close its connection.
      this.end();
      await Promise.allSettled(running);
      await this.#found?.guest.close().catch(() => {});
      throw error;
    }
  }

  async #pollUntilBack(running: Set<Promise<Rebooted | null>>): Promise<Rebooted> {
    while (!this.signal.aborted) {
      if (running.size === 0) await this.#up();
      if (this.#isTime(running.size)) {
        this.#lastStart = this.#now();
        const attempt: Promise<Rebooted | null> = this.#attempt().finally(() => running.delete(attempt));
        running.add(attempt);
      }
      const tick = sleep(POLL_MS, null, { signal: this.signal }).catch(() => null);
      const back = await Promise.race([tick, firstBack(running, tick)]);
      if (this.#fatal !== undefined) throw this.#fatal;
      if (back !== null) return back;
    }
    throw this.#gaveUp();
  }

  async #up(): Promise<void> {
    const { awaitUp } = this.options;
    if (awaitUp === undefined) return;
    const down = setTimeout(() => this.#nothing(), DOWN_MS);
    await awaitUp(this.signal)
      .catch((error: unknown) => {
        if (!this.signal.aborted) throw error;
      })
      .finally(() => clearTimeout(down));
  }

  #isTime(running: number): boolean {
    const now = this.#now();
    const isHung = running < AT_ONCE && this.#asking === 0 && now - this.#lastStart >= HURRY_MS;
    return (running === 0 || isHung) && now >= this.#notBefore;
  }

  async #attempt(): Promise<Rebooted | null> {
    const seen = await this.#look();
    if (typeof seen === 'object') {
      this.enter('up');
      return seen;
    }
    if (this.signal.aborted) return null;
    if (seen === 'old') this.enter('shutting-down');
    else if (seen === 'nothing') this.#nothing();
    else this.#starting(seen);
    return null;
  }

  #nothing(): void {
    // While it starts, some attempts still find nothing.
    if (this.#phase !== 'starting') this.enter('no-answer');
  }

  #starting(seen: 'refused' | 'unclear'): void {
    if (seen === 'refused') this.#notBefore = this.#now() + AFTER_REFUSAL_MS;
    if (this.#phase !== 'shutting-down') this.enter('starting');
  }

  async #look(): Promise<Seen> {
    const own = new AbortController();
    const signal = AbortSignal.any([this.signal, own.signal]);
    // No AbortSignal.timeout: one that only AbortSignal.any knows may be collected before it fires (Node 20).
    const deadline = setTimeout(() => own.abort(), ATTEMPT_MS);
    this.#connecting.add(own);
    try {
      const guest = await this.options.reconnect(signal);
      clearTimeout(deadline);
      this.#connecting.delete(own);
      // Their handshakes would only hold this one up.
      for (const other of this.#connecting) other.abort();
      return await this.#ask(guest);
    } catch (error) {
      return this.#meaning(error, signal);
    } finally {
      clearTimeout(deadline);
      this.#connecting.delete(own);
    }
  }

  async #ask(guest: Guest): Promise<Seen> {
    this.#asking++;
    const bootId = await readBootId(guest, this.signal).catch(() => undefined);
    this.#asking--;
    const isNew = bootId != null && bootId !== this.options.oldBootId;
    // Of attempts that find it at the same time, one is enough.
    if (isNew && this.#found === null && !this.signal.aborted) {
      this.#found = { guest, bootId, durationMs: this.#elapsed() };
      return this.#found;
    }
    await guest.close().catch(() => {});
    // A connection that ends under the question was the old boot's last, or the new one's too early.
    if (bootId === undefined) return 'nothing';
    return bootId === this.options.oldBootId ? 'old' : 'unclear';
  }

  #meaning(error: unknown, signal: AbortSignal): Seen {
    const code = error instanceof GclabError ? error.code : undefined;
    if (code !== undefined && NEVER_BY_ITSELF.has(code)) this.#fatal = error;
    else if (code === undefined && !signal.aborted) this.#fatal = error;
    return code === 'auth-failed' ? 'refused' : 'nothing';
  }

  #elapsed(): number {
    return this.#now() - this.#start;
  }

  #gaveUp(): GclabError {
    const { signal, timeoutMs } = this.options;
    if (signal?.aborted) {
      return new GclabError({
        code: 'interrupted',
        doing: 'waiting for the reboot',
        target: this.target,
        what: 'interrupted',
      });
    }
    return new GclabError({
      code: 'reboot-timeout',
      doing: 'waiting for the reboot',
      target: this.target,
      what: `${LAST_SEEN[this.#phase ?? 'no-answer']} after ${Math.round(timeoutMs / 1_000)} s`,
      hint: 'Look at its console; `gclab remote check` tells what became of it once it answers',
    });
  }
}

const LAST_SEEN: Readonly<Record<RebootPhase, string>> = {
  'shutting-down': 'it still runs the old boot (updates may hold up the shutdown)',
  'no-answer': 'it does not answer',
  starting: 'it is back but still starting: it lets nobody log in',
  up: 'it is back',
};

/** Waiting changes nothing about these. */
const NEVER_BY_ITSELF: ReadonlySet<ErrorCode> = new Set([
  'host-key-changed',
  'host-key-unknown',
  'host-key-revoked',
  'key-unreadable',
  'ssh-config',
  'bad-flag',
]);

/** The first attempt that finds the new boot; null with the tick when none does until then. */
async function firstBack(
  running: ReadonlySet<Promise<Rebooted | null>>,
  tick: Promise<null>,
): Promise<Rebooted | null> {
  const found = [...running].map(async (attempt) => (await attempt) ?? (await tick));
  return await Promise.race([tick, ...found]);
}
