import type { Process } from '../command/process.js';

/**
 * One session that is opened before anybody knows what for: a shell waits in it to be told. Who takes it is spared the round trips
 * of a session of their own, and the time that a login shell takes to start.
 */
export class SessionAhead {
  /** From its opening on; `isReady` once it waits. */
  #shell: { readonly process: Process; isReady: boolean } | undefined;
  #isOpening = false;

  /**
   * `open` gives the process, or undefined where the server has no session left; `ready` resolves once its shell waits. A hint and no
   * more: of what fails here nobody hears, and the next command opens a session of its own.
   */
  open(open: () => Promise<Process | undefined>, ready: (process: Process) => Promise<Process>): void {
    if (this.#isOpening || this.#shell !== undefined) return;
    this.#isOpening = true;
    void this.#open(open, ready)
      .catch(() => this.giveUp())
      .finally(() => {
        this.#isOpening = false;
      });
  }

  /** A shell that waits, for one command. */
  take(): Process | undefined {
    if (this.#shell?.isReady !== true) return undefined;
    const { process } = this.#shell;
    this.#shell = undefined;
    return process;
  }

  /** Somebody needs the session more. */
  giveUp(): void {
    this.#shell?.process.kill();
    this.#shell = undefined;
  }

  async #open(
    open: () => Promise<Process | undefined>,
    ready: (process: Process) => Promise<Process>,
  ): Promise<void> {
    const process = await open();
    if (process === undefined) return;
    this.#shell = { process, isReady: false };
    const isOver = process.ended.then(() => {
      if (this.#shell?.process.ended === process.ended) this.#shell = undefined;
      return undefined;
    });
    const waiting = await Promise.race([ready(process), isOver]);
    if (waiting !== undefined && this.#shell !== undefined) this.#shell = { process: waiting, isReady: true };
  }
}
