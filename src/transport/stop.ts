/** What ends a command early: its deadline or the user. Both are one promise to race against. */
export class Stop {
  readonly stopped: Promise<'stopped'>;
  /** Whether it was the deadline. */
  timedOut = false;
  readonly #timer: NodeJS.Timeout | undefined;
  #stop: () => void = () => {};

  constructor(
    timeoutMs: number | undefined,
    readonly signal: AbortSignal | undefined,
  ) {
    this.stopped = new Promise((resolve) => {
      this.#stop = () => resolve('stopped');
    });
    if (timeoutMs !== undefined) this.#timer = setTimeout(() => this.#expire(), timeoutMs);
    signal?.addEventListener('abort', this.#stop, { once: true });
  }

  /** Lets the timer and the signal go; nothing stops after that. */
  release(): void {
    clearTimeout(this.#timer);
    this.signal?.removeEventListener('abort', this.#stop);
  }

  #expire(): void {
    this.timedOut = true;
    this.#stop();
  }
}
