import { GclabError } from '../errors.js';
import type { Trial } from '../model.js';
import type { Driver, Seat } from './driver.js';

/**
 * For an interactive run that another controller drove: nobody knows how far it was, or the others in step with it, so it is
 * not driven any further. It is stopped, and what its journal has is brought home.
 */
export class LeftDriver implements Driver {
  readonly wantsPast = false;
  readonly failed: AbortSignal;

  constructor({ target }: Seat) {
    this.failed = AbortSignal.abort(
      new GclabError({
        code: 'run-failed',
        doing: 'going on with the run',
        target,
        what: 'it was driven from a controller that left it: it was stopped',
        hint: 'start it again; a session is gone on with by gclab remote drive --attach, before it is stopped',
      }),
    );
  }

  onLine(): void {}

  onConnected(): void {}

  /** A trial that ended by itself was driven to its end. */
  qualify(trials: readonly Trial[]): readonly Trial[] {
    return trials;
  }

  async close(): Promise<void> {}
}
