import type { TrialVerdict } from '../../src/journal/schema.js';
import type { TrialRow } from '../../src/journal/trial/row.js';

/** A row of which nothing is known but that the trial began. */
export const UNKNOWN: Omit<TrialRow, 'trial'> = {
  startedAt: null,
  endedAt: null,
  durationMs: null,
  verdict: null,
  reason: 'the journal has no end of it',
  exit: null,
  limitBytes: null,
  peakBytes: null,
  oomKills: null,
  go: null,
  gogc: null,
  gomemlimit: null,
  godebug: null,
  gomaxprocs: null,
  lastStep: null,
  atStep: null,
  collectionAsked: false,
  gcs: null,
  heap: null,
  uncollectedBytes: null,
  load: null,
};

/** Rows of trials that ended so, in this order; null is one that has no end. */
export function rows(...verdicts: (TrialVerdict | null)[]): TrialRow[] {
  return verdicts.map((verdict, index) => ({
    ...UNKNOWN,
    trial: index + 1,
    verdict,
    reason: `because ${verdict}`,
  }));
}
