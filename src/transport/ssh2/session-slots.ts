/**
 * How many sessions a server lets a connection have (MaxSessions) is only known once it refuses one. Then a
 * command waits for another of ours to end; where none is left to wait for, the refusal stands.
 */
export class SessionSlots {
  #inUse = 0;
  /** Sessions that ended so far. */
  #ended = 0;
  readonly #waiting: (() => void)[] = [];

  /** Whether a command waits for a session of ours to end, since the server has no more. */
  get isShort(): boolean {
    return this.#waiting.length > 0;
  }

  /** `isRefusal` says whether an error of `open` means that the server has no session left. */
  async take<T>(
    open: () => Promise<T>,
    isRefusal: (error: unknown) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    for (let seen = 0; ; ) {
      this.#inUse++;
      try {
        return await open();
      } catch (error) {
        this.#inUse--;
        if (!isRefusal(error)) throw error;
        // A server counts a session for a moment after we saw it end, so an end is worth one more try, whoever else goes on.
        if (seen !== this.#ended) seen = this.#ended;
        else if (this.#inUse > 0) await this.#sessionEnded(signal);
        else {
          this.#wake(this.#waiting.length);
          throw error;
        }
      }
    }
  }

  /** For what can do without: undefined where the server refuses. */
  async takeIfFree<T>(
    open: () => Promise<T>,
    isRefusal: (error: unknown) => boolean,
  ): Promise<T | undefined> {
    this.#inUse++;
    try {
      return await open();
    } catch (error) {
      this.#inUse--;
      if (isRefusal(error)) return undefined;
      throw error;
    }
  }

  /** A session of `take` or `takeIfFree` ended. */
  release(): void {
    this.#inUse--;
    this.#ended++;
    this.#wake(1);
  }

  #wake(count: number): void {
    for (const wake of this.#waiting.splice(0, count)) wake();
  }

  #sessionEnded(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', abandon);
        resolve();
      };
      const abandon = (): void => {
        const at = this.#waiting.indexOf(wake);
        if (at !== -1) this.#waiting.splice(at, 1);
        reject(signal?.reason);
      };
      if (signal?.aborted) return reject(signal.reason);
      signal?.addEventListener('abort', abandon, { once: true });
      this.#waiting.push(wake);
    });
  }
}
