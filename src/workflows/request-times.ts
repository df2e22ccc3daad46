import type { JournalLine } from '../experiment/journal.js';
import { Deferred } from './deferred.js';

/** When a request was under way, in microseconds of the guest's clock. */
export interface RequestTime {
  readonly beganAt: number;
  readonly endedAt: number;
  /** The program said no, so nothing came of it. */
  readonly refused: boolean;
}

/** What became of a request: when it was done, or that it never got there. */
export type Fate = RequestTime | 'never-came';

interface Awaited {
  readonly number: number;
  readonly route: string;
  readonly bytes: number;
  beganAt: number | undefined;
  readonly seen: Deferred<Fate>;
}

/** Finds our own requests in the journal, in the order they were sent; those of others pass by. */
export class RequestTimes {
  #awaited: Awaited[] = [];
  #sent = 0;
  readonly #known = new Map<number, RequestTime>();

  /** How many requests were sent so far: the number of the next one. */
  get sent(): number {
    return this.#sent;
  }

  /** Of the request with this number; one that the program did not live through ended when it began. */
  timeOf(number: number): RequestTime | undefined {
    return this.#known.get(number);
  }

  /**
   * Resolves once the journal has the request that is sent now, or a later one, before which it must have come; never where
   * the program ends in it.
   */
  expect(route: string, bytes: number): Promise<Fate> {
    const seen = new Deferred<Fate>();
    this.#awaited.push({ number: this.#sent++, route, bytes, beganAt: undefined, seen });
    return seen.promise;
  }

  take(line: JournalLine): void {
    if (line.type === 'begin') this.#begin(line.t, line.step, line.bytes);
    if (line.type !== 'request') return;
    // A refused request never began, and its bytes are told as none.
    const at = this.#awaited.findIndex(
      ({ route, bytes }) => line.route === `/${route}` && (line.status !== 200 || line.bytes === bytes),
    );
    const own = this.#awaited[at];
    if (own === undefined) return;
    for (const earlier of this.#awaited.splice(0, at + 1))
      if (earlier !== own) earlier.seen.resolve('never-came');
    const beganAt = own.beganAt ?? line.t - line.durationUs;
    const time = { beganAt, endedAt: line.t, refused: line.status !== 200 };
    this.#known.set(own.number, time);
    own.seen.resolve(time);
  }

  /** What is under way may have been done, or never have come: what the journal has next tells. */
  get underWay(): Promise<Fate> | undefined {
    return this.#awaited.at(-1)?.seen.promise;
  }

  /** What only looks is not worth knowing of once the line dropped: it is asked again. */
  forgetLooks(): void {
    this.#awaited = this.#awaited.filter(({ route }) => route !== 'stats');
  }

  forget(): void {
    this.#awaited = [];
  }

  #begin(t: number, step: string, bytes: number): void {
    const own = this.#awaited.find((one) => one.route === step && one.bytes === bytes);
    if (own === undefined) return;
    own.beganAt = t;
    this.#known.set(own.number, { beganAt: t, endedAt: t, refused: false });
  }
}
