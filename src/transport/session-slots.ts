/**
 * How many sessions a server lets a connection have (MaxSessions) is only known once it refuses one. Then a
 * command waits for another of ours to end; where none is left to wait for, the refusal stands.
 */
export class SessionSlots {
  #inUse = 0;
  #wake: (() => void)[] = [];

  /** `isRefusal` says whether an error of `open` means that the server has no session left. */
  async take<T>(
    open: () => Promise<T>,
    isRefusal: (error: unknown) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    for (;;) {
      this.#inUse++;
      try {
        return await open();
      } catch (error) {
        this.release();
        if (!isRefusal(error) || this.#inUse === 0) throw error;
        await this.#released(signal);
      }
    }
  }

  /** A session of `take` ended. */
  release(): void {
    this.#inUse--;
    const waiting = this.#wake;
    this.#wake = [];
    for (const wake of waiting) wake();
  }

  #released(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const abandon = (): void => reject(signal?.reason);
      if (signal?.aborted) return abandon();
      signal?.addEventListener('abort', abandon, { once: true });
      this.#wake.push(() => {
        signal?.removeEventListener('abort', abandon);
        resolve();
      });
    });
  }
}
