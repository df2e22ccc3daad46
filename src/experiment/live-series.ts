import type { Metric } from './steps/step.js';

export type Figures = Readonly<Record<Metric, number | null>>;

/** What happened in a tenth of a second of the guest's clock. */
export interface Moment {
  usageBytes?: number;
  inUseBytes?: number;
  /** `gc`, `end`, or the name of a request; a collection is shown before others. */
  mark?: string;
}

/** A column of the chart. */
export const MOMENT_US = 100_000;
/** A minute: wider than any terminal. */
const KEPT = 600;

/** The last minute of a trial in tenths of a second. */
export class LiveSeries {
  readonly #moments = new Map<number, Moment>();
  #newest = 0;

  usage(t: number, bytes: number): void {
    const moment = this.#at(t);
    moment.usageBytes = Math.max(moment.usageBytes ?? 0, bytes);
  }

  inUse(t: number, bytes: number): void {
    const moment = this.#at(t);
    moment.inUseBytes = Math.max(moment.inUseBytes ?? 0, bytes);
  }

  mark(t: number, kind: string): void {
    const moment = this.#at(t);
    if (moment.mark === undefined || kind === 'gc' || kind === 'end') moment.mark = kind;
  }

  /** So many moments up to `t`, oldest first; where nothing was sampled the last value holds. */
  upTo(t: number, count: number): Moment[] {
    const last = Math.floor(t / MOMENT_US);
    const shown: Moment[] = [];
    let held: Moment = {};
    for (let index = Math.max(0, last - KEPT); index <= last; index += 1) {
      const { mark: _, ...before } = held;
      held = { ...before, ...this.#moments.get(index) };
      if (index > last - count) shown.push(held);
    }
    return shown;
  }

  #at(t: number): Moment {
    const index = Math.floor(t / MOMENT_US);
    const moment = this.#moments.get(index) ?? {};
    this.#moments.set(index, moment);
    if (index > this.#newest) {
      this.#newest = index;
      for (const old of this.#moments.keys()) {
        if (old >= index - KEPT) break;
        this.#moments.delete(old);
      }
    }
    return moment;
  }
}
