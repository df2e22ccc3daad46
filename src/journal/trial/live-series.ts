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
    if (moment !== undefined) moment.usageBytes = Math.max(moment.usageBytes ?? 0, bytes);
  }

  inUse(t: number, bytes: number): void {
    const moment = this.#at(t);
    if (moment !== undefined) moment.inUseBytes = Math.max(moment.inUseBytes ?? 0, bytes);
  }

  mark(t: number, kind: string): void {
    const moment = this.#at(t);
    if (moment === undefined) return;
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

  /** Undefined for a moment that is no longer kept. */
  #at(t: number): Moment | undefined {
    const index = Math.floor(t / MOMENT_US);
    if (index < this.#newest - KEPT) return undefined;
    const moment = this.#moments.get(index) ?? {};
    this.#moments.set(index, moment);
    if (index > this.#newest) {
      this.#newest = index;
      this.#forget(index - KEPT);
    }
    return moment;
  }

  #forget(before: number): void {
    for (const old of this.#moments.keys()) if (old < before) this.#moments.delete(old);
  }
}
