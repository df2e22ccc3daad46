import type { Process } from '../command/process.js';

interface Ahead {
  /** Resolves once its shell waits, with undefined where it never will: of what failed there nobody hears. */
  readonly shell: Promise<Process | undefined>;
  /** Once the session is open. */
  process: Process | undefined;
  isUnwanted: boolean;
}

/**
 * One session that is opened before anybody knows what for: a shell waits in it to be told. Who takes it is spared the round trips
 * of a session of their own, and the time that a login shell takes to start.
 */
export class SessionAhead {
  /** Until somebody takes it, or it ends. */
  #ahead: Ahead | undefined;

  /** `open` gives the process, or undefined where the server has no session left; `ready` resolves once its shell waits. */
  open(open: () => Promise<Process | undefined>, ready: (process: Process) => Promise<Process>): void {
    if (this.#ahead !== undefined) return;
    const begin = async (): Promise<Process | undefined> => {
      const process = await open();
      if (process === undefined) return undefined;
      ahead.process = process;
      if (ahead.isUnwanted) process.kill();
      return await Promise.race([ready(process), process.ended.then(() => undefined)]);
    };
    const shell = Promise.resolve()
      .then(begin)
      .catch(() => undefined);
    const ahead: Ahead = { shell, process: undefined, isUnwanted: false };
    this.#ahead = ahead;
    const forget = (): void => {
      if (this.#ahead === ahead) this.#ahead = undefined;
    };
    void shell.then((process) => (process === undefined ? forget() : process.ended.then(forget)));
  }

  /** Resolves with the shell once it waits: one that is under way is further than another would be. Undefined where there is none. */
  async take(): Promise<Process | undefined> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    return await ahead?.shell;
  }

  /** Somebody needs the session more; who waits to take it opens one of their own. */
  giveUp(): void {
    if (this.#ahead === undefined) return;
    this.#ahead.isUnwanted = true;
    this.#ahead.process?.kill();
  }
}
