import type { PhaseTimes } from '../results/run-folder.js';
import type { Listener, Phase } from './events.js';

/** Runs the phases of one target, telling the listener when each began, ended, and how long it took. */
export class Phases {
  #current: { readonly phase: Phase; readonly startedAt: number } | undefined;
  readonly #times: PhaseTimes[] = [];

  constructor(
    private readonly target: string,
    private readonly listener: Listener,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** The phase under way, or the last one. */
  get current(): Phase | null {
    return this.#current?.phase ?? null;
  }

  /** All so far, in their order. */
  get times(): readonly PhaseTimes[] {
    return [...this.#times];
  }

  /** `describe` says in a few words what came of it. */
  async run<T>(phase: Phase, work: () => Promise<T>, describe: (result: T) => string): Promise<T> {
    this.begin(phase);
    try {
      const result = await work();
      this.end(true, describe(result));
      return result;
    } catch (error) {
      this.end(false, error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  begin(phase: Phase): void {
    this.#current = { phase, startedAt: performance.now() };
    this.#times.push({ phase, startedAt: this.#utc(), endedAt: null, ok: null });
    this.listener({ kind: 'phase-started', target: this.target, phase });
  }

  end(ok: boolean, detail: string): void {
    const times = this.#times.at(-1);
    if (this.#current === undefined || times === undefined || times.endedAt !== null) return;
    const { phase, startedAt } = this.#current;
    this.#times[this.#times.length - 1] = { ...times, endedAt: this.#utc(), ok };
    const durationMs = performance.now() - startedAt;
    this.listener({ kind: 'phase-ended', target: this.target, phase, ok, detail, durationMs });
  }

  /** `share`: how much of it is done, from 0 to 1. */
  progress(detail: string, share?: number): void {
    const phase = this.#current?.phase;
    if (phase === undefined) return;
    const event = { kind: 'phase-progress', target: this.target, phase, detail } as const;
    this.listener(share === undefined ? event : { ...event, share });
  }

  note(text: string): void {
    this.listener({ kind: 'note', target: this.target, text });
  }

  #utc(): string {
    return this.now().toISOString();
  }
}
