import { randomBytes } from 'node:crypto';
import type { JournalLine } from '../experiment/journal.js';
import { Deferred } from './deferred.js';

/** When a request was under way, in microseconds of the guest's clock. */
export interface RequestTime {
  readonly beganAt: number;
  readonly endedAt: number;
  /** The program said no, so nothing came of it. */
  readonly refused: boolean;
}

/** What became of a request: when it was done, or that it never got there and, overtaken, never will. */
export type Fate = RequestTime | 'never-came';

interface Awaited {
  readonly number: number;
  readonly route: string;
  readonly turn: string;
  beganAt: number | undefined;
  readonly seen: Deferred<Fate>;
}

/** Finds our own requests in the journal, by their turns (docs/wire.md); those of others pass by. */
export class RequestTimes {
  #awaited: Awaited[] = [];
  #sent = 0;
  readonly #known = new Map<number, RequestTime>();

  /** The name tells our turns from those of others who drive the same program. */
  constructor(private readonly session = randomBytes(6).toString('hex')) {}

  /** How many requests were sent so far: the number of the next one. */
  get sent(): number {
    return this.#sent;
  }

  /** Of the request with this number; one that the program did not live through ended when it began. */
  timeOf(number: number): RequestTime | undefined {
    return this.#known.get(number);
  }

  turnOf(number: number): string {
    return `${this.session}-${number}`;
  }

  /**
   * The turn that the request sent now has. `seen` resolves once the journal has it, or has a later one and not yet the beginning of
   * this one: the program lets nothing begin that was overtaken. It never resolves where the program ends in it.
   */
  expect(route: string): { readonly turn: string; readonly seen: Promise<Fate> } {
    const number = this.#sent++;
    const seen = new Deferred<Fate>();
    const turn = this.turnOf(number);
    this.#awaited.push({ number, route, turn, beganAt: undefined, seen });
    return { turn, seen: seen.promise };
  }

  take(line: JournalLine): void {
    if (line.type !== 'begin' && line.type !== 'request') return;
    const own = this.#awaited.find(({ turn }) => turn === line.turn);
    if (own === undefined) return;
    if (line.type === 'begin') this.#begin(own, line.t);
    else this.#end(own, line);
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

  #begin(own: Awaited, t: number): void {
    own.beganAt = t;
    this.#known.set(own.number, { beganAt: t, endedAt: t, refused: false });
    this.#overtake(own);
  }

  #end(own: Awaited, line: Extract<JournalLine, { type: 'request' }>): void {
    const beganAt = own.beganAt ?? line.t - line.durationUs;
    const time = { beganAt, endedAt: line.t, refused: line.status !== 200 };
    this.#known.set(own.number, time);
    this.#awaited = this.#awaited.filter((one) => one !== own);
    own.seen.resolve(time);
  }

  /** One that began earlier goes on beside it, and its own end is still to come. */
  #overtake(by: Awaited): void {
    const isOver = ({ number, beganAt }: Awaited): boolean => number < by.number && beganAt === undefined;
    for (const { seen } of this.#awaited.filter(isOver)) seen.resolve('never-came');
    this.#awaited = this.#awaited.filter((one) => !isOver(one));
  }
}
