import { GclabError } from '../errors.js';
import type { JournalSummary } from '../experiment/summary.js';
import type { Settings } from '../model.js';

/** A journal that ends otherwise than `complete` is a failure, whatever trials it has. */
export function endError(summary: JournalSummary, target: string, settings: Settings): GclabError | null {
  const doing = 'running the experiment';
  const seen = `${summary.trials.length} of ${settings.trials} trials ended`;
  switch (summary.end?.reason) {
    case 'complete':
      return null;
    case 'stopped':
      return new GclabError({ code: 'interrupted', doing, target, what: `the run was stopped (${seen})` });
    case 'timeout': {
      const what = `the run took longer than it may (${seen})`;
      return new GclabError({
        code: 'run-timeout',
        doing,
        target,
        what,
        hint: 'give it more time with --timeout',
      });
    }
    default:
      return new GclabError({ code: 'run-failed', doing, target, what: `the journal has no end (${seen})` });
  }
}
