import type { JournalLine } from '../experiment/journal.js';
import { Deferred } from './deferred.js';

/** When a request was under way, in microseconds of the guest's clock. */
export interface RequestTime {
  readonly beganAt: number;
  readonly endedAt: number;
}

interface Awaited {
  readonly number: number;
  readonly route: string;
  readonly bytes: number;
  beganAt: number | undefined;
  readonly seen: Deferred<RequestTime>;
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

  /** Resolves with the times of the request that is sent now, once the journal has it; never where the program ends in it. */
  expect(route: string, bytes: number): Promise<RequestTime> {
    const seen = new Deferred<RequestTime>();
    this.#awaited.push({ number: this.#sent++, route, bytes, beganAt: undefined, seen });
    return seen.promise;
  }

  take(line: JournalLine): void {
    const first = this.#awaited[0];
    if (first === undefined) return;
    if (line.type === 'begin' && line.step === first.route && line.bytes === first.bytes) {
      first.beganAt = line.t;
      this.#known.set(first.number, { beganAt: line.t, endedAt: line.t });
    }
    if (line.type !== 'request' || line.route !== `/${first.route}`) return;
    // A refused request never began, and its bytes are told as none.
    if (line.status === 200 && line.bytes !== first.bytes) return;
    this.#awaited.shift();
    const time = { beganAt: first.beganAt ?? line.t - line.durationUs, endedAt: line.t };
    this.#known.set(first.number, time);
    first.seen.resolve(time);
  }

  /** What was sent before the line dropped is not waited for. */
  forget(): void {
    this.#awaited = [];
  }
}
