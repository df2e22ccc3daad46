import { GclabError } from '../errors.js';
import type { ExperimentClient } from '../experiment/client.js';
import type { JournalLine } from '../experiment/journal.js';
import { LiveState } from '../experiment/live.js';
import { Meanwhile } from '../experiment/meanwhile.js';
import type { PlainStep } from '../experiment/steps/step.js';
import type { Guest, Trial } from '../model.js';
import { timeoutSignal } from '../timeout-signal.js';
import { askStep } from './ask-step.js';
import { Deferred, unlessAborted } from './deferred.js';
import type { Driver, Seat } from './driver.js';
import { listeningPort, type OpenClient, openClient } from './open-client.js';
import { type Fate, RequestTimes } from './request-times.js';
import type { SessionSeat, StepOutcome } from './session-seat.js';
import { untilSo } from './until-so.js';

/** The line dropped in it; the journal will tell its fate once it is there again. */
interface Lost {
  readonly kind: 'lost';
  readonly fate: Promise<Fate>;
}

/** What a seat tells by itself. */
export type SeatEvent =
  | { readonly kind: 'lost'; readonly target: string }
  | { readonly kind: 'back'; readonly target: string; readonly meanwhile: readonly string[] }
  | { readonly kind: 'ended'; readonly target: string };

/** How long the end of a program may take to show in the journal once its connection is gone. */
const END_SHOWS_MS = 10_000;

/** One interactive target that somebody else drives: sends the steps, keeps what its journal tells. */
export class DrivenSeat implements Driver, SessionSeat {
  readonly wantsPast = true;
  readonly hasJournal = true;
  readonly live = new LiveState();
  readonly times = new RequestTimes();
  readonly #listening = new Deferred<void>();
  readonly #ended = new Deferred<void>();
  readonly #closed = new AbortController();
  readonly #failed = new AbortController();
  #port = 0;
  #open: OpenClient | undefined;
  #connected = new Deferred<void>();
  #meanwhile: Meanwhile | undefined;
  #hasEnded = false;

  constructor(
    readonly seat: Seat,
    private readonly tell: (event: SeatEvent) => void,
    private readonly qualifyTrials: (trials: readonly Trial[]) => readonly Trial[] = (trials) => trials,
  ) {}

  get target(): string {
    return this.seat.target;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The line dropped, and what happened there meanwhile is not known yet. */
  get isAway(): boolean {
    return this.#meanwhile !== undefined && !this.#hasEnded;
  }

  /** Resolves when requests are answered, or never will be. */
  get listening(): Promise<void> {
    return Promise.race([this.#listening.promise, this.#ended.promise]);
  }

  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  onLine(line: JournalLine): void {
    this.live.take(line);
    this.times.take(line);
    this.#meanwhile?.take(line);
    if (line.type === 'listening' && !this.#hasEnded) this.#sit(listeningPort(line));
    if (line.type === 'trial-end' || line.type === 'end') this.#end();
  }

  onConnected(): void {
    if (this.#open === undefined || this.#hasEnded) return;
    this.#open.close();
    this.#open = openClient(this.seat, this.#port, this.#closed.signal);
    this.#watch(this.seat.guest());
    void this.#catchUp();
  }

  /**
   * Does a step and waits for it. Where the line drops in it, it is done once all the same: the journal tells whether it came,
   * and only what never came, and never will, or was refused, is asked for again. Rejects where the program refused it, the answer cannot be read or did not
   * come in time, or `signal` aborted: then nobody waits for it any more, but the guest may still do it.
   */
  async do(step: PlainStep, limitBytes: number, signal: AbortSignal): Promise<StepOutcome> {
    for (;;) {
      const outcome = await this.#try(step, limitBytes, signal);
      if (outcome.kind !== 'lost') return outcome;
      const ended = this.#ended.promise.then(() => 'ended' as const);
      const fate = await unlessAborted(Promise.race([outcome.fate, ended]), signal);
      if (fate === 'ended') return { kind: 'ended' };
      if (fate !== 'never-came' && !fate.refused) return { kind: 'done', answer: null };
    }
  }

  async #try(step: PlainStep, limitBytes: number, signal: AbortSignal): Promise<StepOutcome | Lost> {
    await unlessAborted(Promise.race([this.#connected.promise, this.#ended.promise]), signal);
    if (this.#hasEnded) return { kind: 'ended' };
    const guest = this.seat.guest();
    const over = new AbortController();
    try {
      const answer = this.#ask(step, limitBytes, AbortSignal.any([signal, over.signal]));
      answer.catch(() => undefined);
      const ended = this.#ended.promise.then((): StepOutcome => ({ kind: 'ended' }));
      return await Promise.race([answer, step.do === 'until' || step.do === 'wait' ? ended : answer]);
    } catch (error) {
      return await this.#explain(error, guest, signal);
    } finally {
      over.abort();
    }
  }

  async #ask(step: PlainStep, limitBytes: number, signal: AbortSignal): Promise<StepOutcome> {
    const client = this.#client.within(signal);
    const answer =
      step.do === 'until'
        ? await untilSo(step, limitBytes, client, this.live, this.times, signal)
        : await askStep(step, limitBytes, client, this.times, signal);
    return { kind: 'done', answer };
  }

  /** Asks the program to end, until it has: it survived. */
  async quit(): Promise<void> {
    while (!this.#hasEnded) {
      await Promise.race([this.#connected.promise, this.#ended.promise]);
      if (this.#hasEnded) return;
      const { lost } = this.seat.guest();
      await this.#client.quit().catch((error: unknown) => this.#ignoreEnd(error));
      await unlessAborted(this.#ended.promise, lost).catch(() => undefined);
    }
  }

  qualify(trials: readonly Trial[]): readonly Trial[] {
    return this.qualifyTrials(trials);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#end();
    this.#open?.close();
  }

  /** There is one from the moment that the program listens. */
  get #client(): ExperimentClient {
    return (this.#open as OpenClient).client;
  }

  #sit(port: number): void {
    this.#port = port;
    this.#open = openClient(this.seat, port, this.#closed.signal);
    this.#watch(this.seat.guest());
    this.#connected.resolve();
    this.#listening.resolve();
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#ended.resolve();
    this.times.forget();
    this.tell({ kind: 'ended', target: this.target });
  }

  #watch(guest: Guest): void {
    guest.lost.addEventListener('abort', () => this.#lose(), { once: true });
    if (guest.lost.aborted) this.#lose();
  }

  #lose(): void {
    if (this.#hasEnded || this.#meanwhile !== undefined) return;
    this.#connected = new Deferred();
    this.#meanwhile = new Meanwhile();
    this.times.forgetLooks();
    this.tell({ kind: 'lost', target: this.target });
  }

  /** A request of our own stands last in the journal: with its line here, everything before it is here too. */
  async #catchUp(): Promise<void> {
    const { turn, seen } = this.times.expect('stats');
    try {
      await this.#client.inTurn(turn).stats();
      await Promise.race([seen, this.#ended.promise]);
    } catch (error) {
      // Gone meanwhile: the journal tells how. Lost again: then this begins anew.
      this.#ignoreEnd(error);
    }
    if (this.seat.guest().lost.aborted) return;
    const meanwhile = this.#meanwhile?.tell() ?? [];
    this.#meanwhile = undefined;
    if (!this.#hasEnded) this.tell({ kind: 'back', target: this.target, meanwhile });
    this.#connected.resolve();
  }

  #ignoreEnd(error: unknown): void {
    if (!(error instanceof GclabError)) throw error;
  }

  /** A connection that closed says little: the journal knows whether the program ended, the transport whether the line dropped. */
  async #explain(error: unknown, guest: Guest, signal: AbortSignal): Promise<StepOutcome | Lost> {
    if (this.#hasEnded) return { kind: 'ended' };
    if (!(error instanceof GclabError) || !CLOSED.has(error.code)) throw error;
    const ended = this.#ended.promise.then((): StepOutcome => ({ kind: 'ended' }));
    const bound = AbortSignal.any([signal, guest.lost, timeoutSignal(END_SHOWS_MS)]);
    return await unlessAborted(ended, bound).catch((): Lost => {
      if (!guest.lost.aborted) throw error;
      return { kind: 'lost', fate: this.times.underWay ?? Promise.resolve('never-came') };
    });
  }
}

const CLOSED = new Set<string>(['program-gone', 'tunnel-refused', 'connection-lost', 'guest-answer']);
