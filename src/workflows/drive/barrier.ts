import { Deferred } from '../../concurrency/deferred.js';

interface Waiting {
  readonly point: number;
  readonly open: Deferred<void>;
}

/** Several go on in step: nobody passes a point before all who take part have come as far. Who leaves holds nobody up. */
export class Barrier {
  readonly #positions: Map<string, number>;
  readonly #waiting = new Set<Waiting>();

  constructor(participants: readonly string[]) {
    this.#positions = new Map(participants.map((one) => [one, -1]));
  }

  /** Resolves once everybody who takes part is at this point, or past it. Points only grow. */
  arrive(participant: string, point: number): Promise<void> {
    if (this.#positions.has(participant)) this.#positions.set(participant, point);
    const waiting = { point, open: new Deferred<void>() };
    this.#waiting.add(waiting);
    this.#release();
    return waiting.open.promise;
  }

  has(participant: string): boolean {
    return this.#positions.has(participant);
  }

  leave(participant: string): void {
    this.#positions.delete(participant);
    this.#release();
  }

  #release(): void {
    const last = Math.min(...this.#positions.values());
    for (const waiting of this.#waiting) {
      if (waiting.point > last) continue;
      this.#waiting.delete(waiting);
      waiting.open.resolve();
    }
  }
}
