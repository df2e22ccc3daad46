/** What ends a command early: its deadline or the user. Both are one signal, and one promise to race against. */
export class Stop {
  /** Whether it was the deadline. */
  timedOut = false;
  readonly stopped: Promise<'stopped'>;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #controller = new AbortController();
  readonly #abort = (): void => this.#controller.abort();

  constructor(
    timeoutMs: number | undefined,
    readonly user: AbortSignal | undefined,
  ) {
    this.stopped = new Promise((resolve) => {
      this.signal.addEventListener('abort', () => resolve('stopped'), { once: true });
    });
    if (timeoutMs !== undefined) this.#timer = setTimeout(() => this.#expire(), timeoutMs);
    user?.addEventListener('abort', this.#abort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Lets the timer and the user's signal go; nothing stops after that. */
  release(): void {
    clearTimeout(this.#timer);
    this.user?.removeEventListener('abort', this.#abort);
  }

  #expire(): void {
    this.timedOut = true;
    this.#abort();
  }
}
