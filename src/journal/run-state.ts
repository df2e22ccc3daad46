import type { HeaderLine, JournalLine, ReadLine, TrialLine } from './schema.js';
import { rowOf, type TrialRow } from './trial/row.js';
import { type RequestListener, TrialState } from './trial/state.js';

type EndLine = Extract<JournalLine, { type: 'end' }>;

/** What of a journal could not be read. */
export interface JournalDamage {
  /** Lines that cannot be read, or stand where they cannot: a second end of a trial, say. */
  readonly damagedLines: number;
  /** Whether the last line is not whole: a crash cuts it. */
  readonly isTorn: boolean;
}

const MAX_NOTES = 1_000;

/**
 * What a run's journal says, as far as it goes: a fold over its lines. The same lines give the same rows, whether they come while
 * the run goes on or are read again later.
 */
export class RunState {
  header: HeaderLine | null = null;
  end: EndLine | null = null;
  /** The trial that began last. */
  trial: TrialState | null = null;
  /** The trial for a chart: the first that was OOM-killed, else the first. */
  shown: TrialState | null = null;
  readonly notes: string[] = [];
  /** Whether the last line is not whole: a crash cut it. */
  isTorn = false;
  #damagedLines = 0;
  readonly #rows = new Map<number, TrialRow>();

  constructor(private readonly requests: RequestListener | null = null) {}

  take(line: ReadLine): void {
    if (!this.#fits(line)) this.#damagedLines += 1;
  }

  get damage(): JournalDamage {
    return { damagedLines: this.#damagedLines, isTorn: this.isTorn };
  }

  /** One for each trial that began, in their order. */
  rows(): TrialRow[] {
    const { trial } = this;
    const rows = [...this.#rows.values()];
    if (trial !== null && !this.#rows.has(trial.trial)) rows.push(rowOf(trial, this.header));
    return rows.sort((a, b) => a.trial - b.trial);
  }

  /** Takes a line that can stand where it stands; false for another, which changes nothing. */
  #fits(line: ReadLine): boolean {
    switch (line.type) {
      case 'unknown':
        return true;
      case 'damaged':
        return false;
      case 'journal':
        if (this.header !== null || this.trial !== null) return false;
        this.header = line;
        return true;
      case 'note':
        if (this.notes.length < MAX_NOTES) this.notes.push(line.message);
        return true;
      case 'end':
        if (this.end !== null) return false;
        this.end = line;
        return true;
      default:
        return this.end === null && this.#fitsTrial(line);
    }
  }

  #fitsTrial(line: TrialLine): boolean {
    if (this.#rows.has(line.trial)) return false;
    const trial = this.trial?.trial === line.trial ? this.trial : this.#begin(line.trial);
    if (line.type === 'trial-start' && trial.start !== null) return false;
    trial.take(line);
    if (line.type === 'trial-end') this.#finish(trial);
    return true;
  }

  #begin(number: number): TrialState {
    // One that has no end yet never will.
    if (this.trial !== null && !this.#rows.has(this.trial.trial)) this.#finish(this.trial);
    this.trial = new TrialState(number, this.requests);
    this.shown ??= this.trial;
    return this.trial;
  }

  #finish(trial: TrialState): void {
    const row = rowOf(trial, this.header);
    this.#rows.set(trial.trial, row);
    const isFirstKill =
      row.verdict === 'oom-killed' && this.#rows.get(this.shown?.trial ?? 0)?.verdict !== 'oom-killed';
    if (isFirstKill) this.shown = trial;
  }
}
