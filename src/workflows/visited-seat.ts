import { GclabError } from '../errors.js';
import type { Answer } from '../experiment/client.js';
import type { JournalLine } from '../experiment/journal.js';
import { LiveState } from '../experiment/live.js';
import { bytesOf } from '../experiment/steps/resolve.js';
import type { PlainStep } from '../experiment/steps/step.js';
import { type Answered, answeredOf, askStep } from './ask-step.js';
import { Deferred } from './deferred.js';
import type { OpenClient } from './open-client.js';
import { RequestTimes } from './request-times.js';
import type { SessionSeat, StepOutcome } from './session-seat.js';
import { untilAsked } from './until-so.js';

const UNKNOWN = {
  usageBytes: null,
  peakBytes: null,
  oom: null,
  oomKill: null,
  oomLocal: null,
  failcnt: null,
};

interface Asked {
  readonly step: PlainStep;
  readonly bytes: number;
  readonly turn: string;
  readonly beganAt: number;
}

/**
 * A program that somebody else started: its answers are all there is, timed on this controller's clock. It is left running,
 * and of its end only that it is gone can be told.
 */
export class VisitedSeat implements SessionSeat {
  readonly hasJournal = false;
  readonly live = new LiveState();
  readonly times = new RequestTimes();
  readonly #startedAt = performance.now();
  readonly #ended = new Deferred<void>();
  #hasEnded = false;

  constructor(
    readonly target: string,
    first: Answer<'stats'>,
    /** A client over the connection there is, or a new one where that was lost. */
    private readonly open: (signal: AbortSignal) => Promise<OpenClient>,
  ) {
    const { limitBytes } = first;
    this.#tell({ type: 'trial-start', t: 0, trial: 1, cgroup: '', limitBytes, counters: UNKNOWN });
    this.#see(answeredOf(first));
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Resolves when the program was found gone, or the session left it. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  async do(step: PlainStep, limitBytes: number, signal: AbortSignal): Promise<StepOutcome> {
    if (this.#hasEnded) return { kind: 'ended' };
    try {
      const { client } = await this.open(signal);
      const mine = client.within(signal);
      if (step.do === 'until')
        return { kind: 'done', answer: this.#see(await untilAsked(step, limitBytes, mine, signal)) };
      const beganAt = this.#now();
      const turn = this.times.turnOf(this.times.sent);
      const answer = await askStep(step, limitBytes, mine, this.times, signal);
      if (answer === null) return { kind: 'done', answer };
      const bytes = 'amount' in step ? bytesOf(step.amount, limitBytes) : 0;
      this.#request({ step, bytes, turn, beganAt }, answer);
      return { kind: 'done', answer: this.#see(answer) };
    } catch (error) {
      this.times.forget();
      if (!(error instanceof GclabError) || !GONE.has(error.code)) throw error;
      this.#end();
      return { kind: 'ended' };
    }
  }

  async quit(): Promise<void> {
    this.#end();
  }

  #end(): void {
    this.#hasEnded = true;
    this.live.ended = true;
    this.#ended.resolve();
  }

  #see(answer: Answered): Answered {
    const t = this.#now();
    this.#tell({ type: 'heap', t, trial: 1, heap: answer.heap });
    // What an earlier answer said of the usage is no longer so.
    this.live.usageBytes = answer.more['usageBytes'] ?? null;
    return answer;
  }

  /** As the journal of a supervisor would have it. */
  #request({ step, bytes, turn, beganAt }: Asked, { heap }: Answered): void {
    const t = this.#now();
    const line = { trial: 1, bytes, turn } as const;
    this.#tell({ ...line, type: 'begin', t: beganAt, step: step.do, number: null });
    const request = { type: 'request', route: `/${step.do}`, status: 200, durationUs: t - beganAt } as const;
    this.#tell({ ...line, ...request, t, heap });
  }

  #tell(line: JournalLine): void {
    this.live.take(line);
    this.times.take(line);
  }

  #now(): number {
    return Math.round((performance.now() - this.#startedAt) * 1_000);
  }
}

/** It answered before. */
const GONE = new Set<string>(['program-gone', 'tunnel-refused']);
