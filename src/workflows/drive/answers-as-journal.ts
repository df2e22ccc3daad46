import type { Answer, Call } from '../../experiment/client.js';
import type { TrialLine } from '../../journal/schema.js';
import type { Participant } from './participant.js';
import type { ProgramLink } from './program-link.js';

const UNKNOWN = {
  usageBytes: null,
  peakBytes: null,
  oom: null,
  oomKill: null,
  oomLocal: null,
  failcnt: null,
};

/**
 * The link to a program without a journal: what it answers is told as a supervisor's journal would tell it, timed on this controller's
 * clock, so that a session shows and saves it in the same way.
 */
export class AnswersAsJournal implements ProgramLink {
  readonly #startedAt = performance.now();
  #participant: Participant | undefined;

  constructor(
    private readonly link: ProgramLink,
    private readonly first: Answer,
  ) {}

  tellTo(participant: Participant): void {
    this.#participant = participant;
    const limitBytes = this.first.figures['limitBytes'] ?? 0;
    participant.onLine({ type: 'trial-start', t: 0, trial: 1, cgroup: '', limitBytes, counters: UNKNOWN });
    this.#see(this.first);
  }

  open(port: number): Promise<void> {
    return this.link.open(port);
  }

  async ask(call: Call, key: string, signal: AbortSignal): Promise<Answer> {
    const beganAt = this.#now();
    const answer = await this.link.ask(call, key, signal);
    const t = this.#now();
    const line = { trial: 1, bytes: 'amount' in call ? call.amount.bytes : 0, key } as const;
    this.#tell({ ...line, type: 'begin', t: beganAt, step: call.do, number: null });
    const request = { type: 'request', route: `/${call.do}`, status: 200, durationUs: t - beganAt } as const;
    this.#tell({ ...line, ...request, t, heap: answer.heap });
    this.#see(answer);
    return answer;
  }

  reset(): void {
    this.link.reset();
  }

  #see({ heap, figures }: Answer): void {
    if (heap === null || this.#participant === undefined) return;
    this.#tell({ type: 'heap', t: this.#now(), trial: 1, heap });
    // What an earlier answer said of the usage is no longer so.
    this.#participant.live.usageBytes = figures['usageBytes'] ?? null;
  }

  #tell(line: TrialLine): void {
    this.#participant?.onLine(line);
  }

  /** Microseconds. */
  #now(): number {
    return Math.round((performance.now() - this.#startedAt) * 1_000);
  }
}
