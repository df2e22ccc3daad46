import { Deferred } from '../../concurrency/deferred.js';
import { GclabError } from '../../errors.js';
import type { PlainStep, Size } from '../../experiment/steps/step.js';
import { RequestTimes } from '../../journal/requests.js';
import type { JournalLine } from '../../journal/schema.js';
import type { Account } from '../../journal/trial/account.js';
import type { TrialRow } from '../../journal/trial/row.js';
import { TrialState } from '../../journal/trial/state.js';
import type { Guest } from '../../model.js';
import type { Driver } from './driver.js';
import type { Deadline } from './machine/deadlines.js';
import { firstState, next } from './machine/next.js';
import {
  deadlinesOf,
  type Effect,
  type Event,
  hasEnded,
  type Notice,
  type State,
  type StepOutcome,
  type Subject,
} from './machine/state.js';
import type { ProgramLink } from './program-link.js';

/** What a participant tells by itself. */
export type ParticipantEvent =
  | { readonly kind: Exclude<Notice, 'back'>; readonly target: string }
  /** `account`: what happened on the guest while the line was down, a sentence each; null where nobody knows. */
  | { readonly kind: 'back'; readonly target: string; readonly account: readonly string[] | null };

export interface ParticipantSettings {
  readonly subject: Subject;
  readonly link: ProgramLink;
  /** The connection there is at the moment. */
  readonly guest: () => Guest;
  /** Aborts when everything is to stop. */
  readonly signal: AbortSignal;
  readonly tell: (event: ParticipantEvent) => void;
}

/**
 * One target that is driven from here. Decides nothing: it hands what happens to the state machine (machine/next.ts), and does what
 * that says.
 */
export class Participant implements Driver {
  readonly times = new RequestTimes();
  live = new TrialState(1, this.times);
  #state: State;
  #isAtWork = false;
  readonly #events: Event[] = [];
  readonly #timers = new Map<Deadline, NodeJS.Timeout>();
  readonly #requests = new Set<Promise<void>>();
  #unwanted = new AbortController();
  #step = new Deferred<StepOutcome>();
  #account: Account | undefined;
  readonly #ended = new Deferred<void>();
  readonly #listening = new Deferred<void>();
  readonly #stop = new AbortController();
  readonly #leave = new AbortController();
  readonly #interrupt = (): void => this.interrupt();

  constructor(private readonly settings: ParticipantSettings) {
    this.#state = firstState(settings.subject);
    settings.signal.addEventListener('abort', this.#interrupt, { once: true });
  }

  get target(): string {
    return this.settings.subject.target;
  }

  get guest(): Guest {
    return this.settings.guest();
  }

  /** Whether what is known is followed in a journal, or is only what the program answered last. */
  get hasJournal(): boolean {
    return this.settings.subject.kind !== 'attached';
  }

  /** Somebody who goes on with a session sees what the program did before. */
  get wantsPast(): boolean {
    return this.settings.subject.kind === 'session';
  }

  /** Whether the program is gone, or given up. */
  get hasEnded(): boolean {
    return hasEnded(this.#state);
  }

  /** Whether the line to it is down, or only just up again. */
  get isAway(): boolean {
    return this.#state.at === 'away' || this.#state.at === 'catching-up';
  }

  /** The number of the next request. */
  get nextRequest(): number {
    return this.#state.next;
  }

  /** Resolves when requests are answered, or never will be. */
  get listening(): Promise<void> {
    return Promise.race([this.#listening.promise, this.#ended.promise]);
  }

  /** Resolves once the program is gone, or given up. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  get stop(): AbortSignal {
    return this.#stop.signal;
  }

  get leave(): AbortSignal {
    return this.#leave.signal;
  }

  onLine(line: JournalLine): void {
    if (line.type === 'trial-start') this.live = new TrialState(line.trial, this.times);
    if ('trial' in line) this.live.take(line);
    const { heap, usageBytes } = this.live;
    this.#dispatch({ kind: 'line', line, own: this.times.numberOf(line), now: { heap, usageBytes } });
  }

  onConnected(): void {
    const { lost } = this.guest;
    this.settings.link.reset();
    this.#dispatch({ kind: 'connected' });
    lost.addEventListener('abort', () => this.#dispatch({ kind: 'lost' }), { once: true });
    if (lost.aborted) this.#dispatch({ kind: 'lost' });
  }

  /**
   * Does a step and waits for it; one at a time. Where the line drops in it, it is done once all the same: the journal tells whether
   * it came, and only what never came, and never will, or was refused, is sent again.
   */
  async do(step: PlainStep<Size>): Promise<StepOutcome> {
    this.#step = new Deferred();
    this.#dispatch({ kind: 'step', step });
    return await this.#step.promise;
  }

  /** Gives up the step under way; what was sent may still be done on the guest. */
  cancel(): void {
    this.#dispatch({ kind: 'cancel' });
  }

  /** Has the program end; resolves once it has, or was given up. Somebody else's is left as it is. */
  async quit(): Promise<void> {
    this.#dispatch({ kind: 'quit' });
    await this.#ended.promise;
  }

  /** Has everything end now. */
  interrupt(): void {
    this.#dispatch({ kind: 'interrupt' });
  }

  qualify(trials: readonly TrialRow[]): readonly TrialRow[] {
    return trials;
  }

  async close(): Promise<void> {
    this.settings.signal.removeEventListener('abort', this.#interrupt);
    this.#dispatch({ kind: 'closed' });
    this.#ended.resolve();
    this.settings.link.reset();
    await Promise.all(this.#requests);
  }

  /** One event after another, also where doing what one asks for makes the next. */
  #dispatch(event: Event): void {
    this.#events.push(event);
    if (this.#isAtWork) return;
    this.#isAtWork = true;
    try {
      for (let first = this.#events.shift(); first !== undefined; first = this.#events.shift()) {
        const { state, effects } = next(this.#state, first);
        this.#state = state;
        this.#keepTime();
        for (const effect of effects) this.#perform(effect);
      }
    } finally {
      this.#isAtWork = false;
    }
  }

  /** A timer for each deadline of the state; what is no longer in it has been met. */
  #keepTime(): void {
    const running = new Set(deadlinesOf(this.#state));
    for (const [deadline, timer] of this.#timers) {
      if (running.has(deadline)) continue;
      clearTimeout(timer);
      this.#timers.delete(deadline);
    }
    for (const deadline of running) {
      if (this.#timers.has(deadline)) continue;
      const pass = (): void => this.#dispatch({ kind: 'deadline', name: deadline.name });
      this.#timers.set(deadline, setTimeout(pass, deadline.ms));
    }
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case 'open':
        this.#wait(this.#open(effect.port));
        break;
      case 'send':
        this.#wait(this.#send(effect));
        break;
      case 'forget':
        this.#unwanted.abort();
        this.#unwanted = new AbortController();
        break;
      case 'settle':
        this.#step.resolve(effect.outcome);
        break;
      case 'tell':
        this.#tell(effect.notice);
        break;
      case 'stop':
        this.#stop.abort(effect.error);
        break;
      case 'leave':
        this.#leave.abort(effect.error);
        break;
    }
  }

  #wait(request: Promise<void>): void {
    this.#requests.add(request);
    void request.then(() => this.#requests.delete(request));
  }

  async #open(port: number): Promise<void> {
    try {
      await this.settings.link.open(port);
      this.#dispatch({ kind: 'opened' });
    } catch (error) {
      this.#dispatch({ kind: 'not-opened', error: this.#asError(error) });
    }
  }

  async #send({ call, number, afterMs }: Extract<Effect, { do: 'send' }>): Promise<void> {
    const { signal } = this.#unwanted;
    if (afterMs > 0) await new Promise((resolve) => setTimeout(resolve, afterMs));
    if (signal.aborted) return;
    try {
      const answer = await this.settings.link.ask(call, this.times.keyOf(number), signal);
      this.#dispatch({ kind: 'answer', number, answer });
    } catch (error) {
      if (!signal.aborted) this.#dispatch({ kind: 'failure', number, error: this.#asError(error) });
    }
  }

  /** What is no error of the guest's is a fault of ours, and is told as one. */
  #asError(error: unknown): GclabError {
    if (error instanceof GclabError) return error;
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return new GclabError({
      code: 'fault',
      doing: 'asking the program',
      target: this.target,
      what,
      cause: error,
    });
  }

  #tell(notice: Notice): void {
    const { target } = this;
    if (notice === 'lost') this.#account ??= this.live.openAccount();
    if (notice === 'listening') this.#listening.resolve();
    if (notice === 'ended' || notice === 'left') this.#ended.resolve();
    if (notice !== 'back') {
      this.settings.tell({ kind: notice, target });
      return;
    }
    const account = this.hasJournal ? (this.#account?.tell() ?? null) : null;
    this.#account = undefined;
    this.settings.tell({ kind: 'back', target, account });
  }
}
