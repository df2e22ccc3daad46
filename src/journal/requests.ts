import { randomBytes } from 'node:crypto';
import type { JournalLine } from './schema.js';
import type { RequestListener } from './trial/state.js';

type BeginLine = Extract<JournalLine, { type: 'begin' }>;
type RequestLine = Extract<JournalLine, { type: 'request' }>;

/** When a request was under way, in microseconds of the guest's clock. */
export interface RequestTime {
  readonly beganAt: number;
  readonly endedAt: number;
}

/** Finds the requests of one session in the journal, by their keys (docs/wire.md); those of others pass by. */
export class RequestTimes implements RequestListener {
  readonly #known = new Map<number, RequestTime>();

  /** The name tells our requests from those of others who drive the same program. */
  constructor(private readonly session = randomBytes(6).toString('hex')) {}

  /** The key of the request with this number. */
  keyOf(number: number): string {
    return `${this.session}-${number}`;
  }

  /** The number of the request of ours that a line is about; null where it is about none. */
  numberOf(line: JournalLine): number | null {
    if (line.type !== 'begin' && line.type !== 'request') return null;
    if (!line.key.startsWith(`${this.session}-`)) return null;
    const digits = line.key.slice(this.session.length + 1);
    return /^\d{1,15}$/.test(digits) ? Number(digits) : null;
  }

  began(line: BeginLine): void {
    this.#keep(this.numberOf(line), line.t, line.t);
  }

  answered(line: RequestLine): void {
    this.#keep(this.numberOf(line), line.t - line.durationUs, line.t);
  }

  /** Of the request with this number; one that the program did not live through ended when it began. */
  timeOf(number: number): RequestTime | undefined {
    return this.#known.get(number);
  }

  #keep(number: number | null, beganAt: number, endedAt: number): void {
    if (number === null) return;
    this.#known.set(number, { beganAt: this.#known.get(number)?.beganAt ?? beganAt, endedAt });
  }
}
