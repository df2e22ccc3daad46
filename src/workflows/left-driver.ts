import { GclabError } from '../errors.js';
import type { Trial } from '../model.js';
import type { Driver, Seat } from './driver.js';

/**
 * For a run that another controller drove in step: nobody knows how far the others were, so it is not driven any further. It is
 * stopped, and what its journal has is brought home.
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
        what: 'it was driven in step with others, from a controller that left it: it was stopped',
        hint: 'start it again: gclab remote run --scenario … --lockstep',
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
