import { setMaxListeners } from 'node:events';
import { EXIT, GclabError } from '../errors.js';

/**
 * Ctrl-C as design.md has it: the first one aborts `signal`, so that a workflow stops cleanly and says
 * what is left; the second ends the process at once. SIGTERM and SIGHUP count as the first.
 */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #onSignal = (): void => this.#interrupt();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  constructor() {
    // All that is under way listens to it, of as many targets as there are: no leak, though Node takes more than ten for one.
    setMaxListeners(0, this.signal);
  }

  listen(): void {
    for (const name of SIGNALS) process.on(name, this.#onSignal);
  }

  release(): void {
    for (const name of SIGNALS) process.off(name, this.#onSignal);
  }

  #interrupt(): void {
    if (this.signal.aborted) process.exit(EXIT.interrupted);
    process.stderr.write('\ninterrupted: stopping cleanly (again to stop at once)\n');
    this.#controller.abort(new GclabError({ code: 'interrupted', doing: 'running', what: 'interrupted' }));
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
