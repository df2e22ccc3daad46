import { setTimeout as sleep } from 'node:timers/promises';
import { GclabError } from '../errors.js';
import type { Guest } from '../model.js';

export interface Reconnecting {
  /** A fresh connection to the same guest, as privileged as the first; rejects while there is none to be had. */
  readonly dial: (before: Guest, signal: AbortSignal) => Promise<Guest>;
  /** For how long a dropped connection is tried again. */
  readonly reconnectMs: number;
  /** Says that it dropped, and when it is back. */
  readonly onNote: (text: string) => void;
  readonly signal: AbortSignal;
}

const RETRY_PAUSE_MS = 500;

/** A connection that held this long was back: when it drops then, the time to try begins anew. */
const STEADY_MS = 10_000;

/** The connection to a target, and the next one when it drops. */
export class Connection {
  #guest: Guest;

  constructor(
    guest: Guest,
    private readonly how: Reconnecting,
  ) {
    this.#guest = guest;
  }

  /** As connected at the moment; a dropped one until the next is there. */
  get guest(): Guest {
    return this.#guest;
  }

  /** Goes on with a connection that was made elsewhere: the guest was rebooted. */
  replace(guest: Guest): void {
    this.#guest = guest;
  }

  /**
   * Does work that can be begun again from its start, and begins it again over a fresh connection whenever the one it used has dropped.
   * Rejects as the work does, and with `connection-lost` where the connection does not come back, or never for long. `doing` is for
   * that error, as a participle. Once `unwanted` aborts it is not begun again.
   */
  async use<T>(doing: string, work: (guest: Guest) => Promise<T>, unwanted?: AbortSignal): Promise<T> {
    const { how } = this;
    const signal = unwanted === undefined ? how.signal : AbortSignal.any([how.signal, unwanted]);
    let deadline = 0;
    for (;;) {
      const begunAt = performance.now();
      try {
        return await work(this.#guest);
      } catch (error) {
        const now = performance.now();
        if (!isLost(error) || signal.aborted) throw error;
        if (deadline === 0 || now - begunAt > STEADY_MS) deadline = now + how.reconnectMs;
        // A fresh one that drops at once is not dialled without a break.
        else await pause(signal);
        if (now > deadline) throw error;
        how.onNote('the connection dropped; connecting again');
        this.#guest = await this.#dialUntil(deadline, doing, error, signal);
        how.onNote('connected again');
      }
    }
  }

  async close(): Promise<void> {
    await this.#guest.close();
  }

  async #dialUntil(deadline: number, doing: string, lost: GclabError, signal: AbortSignal): Promise<Guest> {
    for (;;) {
      try {
        return await this.how.dial(this.#guest, signal);
      } catch (error) {
        if (signal.aborted || performance.now() > deadline) throw stayedAway(doing, lost, error);
        await pause(signal);
      }
    }
  }
}

function isLost(error: unknown): error is GclabError {
  return error instanceof GclabError && error.code === 'connection-lost';
}

/** Resolves early, without complaint, when interrupted: the caller looks. */
async function pause(signal: AbortSignal): Promise<void> {
  await sleep(RETRY_PAUSE_MS, undefined, { signal }).catch(() => undefined);
}

function stayedAway(doing: string, lost: GclabError, cause: unknown): GclabError {
  return new GclabError({
    code: 'connection-lost',
    doing,
    ...(lost.target === undefined ? {} : { target: lost.target }),
    what: `the connection dropped and did not come back (${cause instanceof Error ? cause.message : String(cause)})`,
    ...(lost.hint === undefined ? {} : { hint: lost.hint }),
    cause,
  });
}
