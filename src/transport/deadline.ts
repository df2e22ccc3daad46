/** A deadline that stands still while a person is being asked. */
export class Deadline {
  #left: number;
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #paused = 0;
  readonly #controller = new AbortController();

  constructor(ms: number) {
    this.#left = ms;
    this.#start();
  }

  /** Aborts when the time is up. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The time that `work` takes does not count. */
  async exempt<T>(work: () => Promise<T>): Promise<T> {
    if (this.#paused++ === 0) this.#stop();
    try {
      return await work();
    } finally {
      if (--this.#paused === 0) this.#start();
    }
  }

  clear(): void {
    clearTimeout(this.#timer);
  }

  #start(): void {
    this.#startedAt = performance.now();
    this.#timer = setTimeout(() => this.#controller.abort(), Math.max(0, this.#left));
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#left -= performance.now() - this.#startedAt;
  }
}
