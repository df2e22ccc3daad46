import { GclabError } from '../../errors.js';
import type { TrialRow } from '../../journal/trial/row.js';
import type { DrivenTarget, Driver } from './driver.js';

/**
 * For an interactive run that another controller drove: nobody knows how far it was, or the others in step with it, so it is
 * not driven any further. It is stopped, and what its journal has is brought home.
 */
export class AbandonedDriver implements Driver {
  readonly wantsPast = false;
  readonly stop: AbortSignal;
  readonly leave = new AbortController().signal;

  constructor({ name }: DrivenTarget) {
    this.stop = AbortSignal.abort(
      new GclabError({
        code: 'run-failed',
        doing: 'going on with the run',
        target: name,
        what: 'it was driven from a controller that left it: it was stopped',
        hint: 'start it again; a session is gone on with by gclab remote drive --attach, before it is stopped',
      }),
    );
  }

  onLine(): void {}

  onConnected(): void {}

  /** A trial that ended by itself was driven to its end. */
  qualify(trials: readonly TrialRow[]): readonly TrialRow[] {
    return trials;
  }

  async close(): Promise<void> {}
}
