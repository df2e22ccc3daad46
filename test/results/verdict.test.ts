import { describe, expect, it } from 'vitest';
import type { Trial, TrialVerdict } from '../../src/model.js';
import { expectationHolds, verdictOf } from '../../src/results/verdict.js';

function trials(...verdicts: TrialVerdict[]): Trial[] {
  return verdicts.map((verdict, index) => ({
    index: index + 1,
    verdict,
    reason: `because ${verdict}`,
    peakBytes: 1,
    durationMs: 1,
  }));
}

describe('the verdict of a run', () => {
  it('is oom-killed as soon as one trial was', () => {
    const verdict = verdictOf(trials('survived', 'oom-killed', 'survived'));
    expect(verdict).toMatchObject({ kind: 'oom-killed', killed: 1, trials: 3, inconclusive: 0 });
  });

  it('is survived only when every trial survived', () => {
    expect(verdictOf(trials('survived', 'survived')).kind).toBe('survived');
    expect(verdictOf(trials('survived', 'inconclusive')).kind).toBe('inconclusive');
  });

  it('counts no inconclusive trial into the interval, and tells why it is one', () => {
    const verdict = verdictOf(trials('oom-killed', 'inconclusive'));
    expect(verdict).toMatchObject({ killed: 1, trials: 1, inconclusive: 1 });
    expect(verdict.reason).toContain('because inconclusive');
  });

  it('counts trials with and without a collection apart, with no interval over both', () => {
    const mixed = trials('oom-killed', 'survived', 'oom-killed', 'inconclusive');
    const verdict = verdictOf(mixed.map((trial) => ({ ...trial, gc: trial.index % 2 === 0 })));
    expect(verdict).toMatchObject({ kind: 'oom-killed', killed: 2, trials: 3, interval: null });
    expect(verdict.byCollection).toMatchObject({
      without: { killed: 2, trials: 2, interval: [expect.closeTo(0.342, 3), 1] },
      with: { killed: 0, trials: 1, interval: [0, expect.closeTo(0.793, 3)] },
    });
    const alike = verdictOf(trials('oom-killed', 'survived').map((trial) => ({ ...trial, gc: true })));
    expect(alike.interval).not.toBeNull();
    expect(alike.byCollection).toBeUndefined();
  });

  it('is inconclusive without trials', () => {
    expect(verdictOf([])).toMatchObject({ kind: 'inconclusive', interval: [0, 1] });
  });
});

describe('an expectation', () => {
  it('holds when every trial bears it out', () => {
    expect(expectationHolds('oom-killed', trials('oom-killed', 'oom-killed'))).toBe(true);
    expect(expectationHolds('survived', trials('survived'))).toBe(true);
  });

  it('fails for a mix, for a doubtful trial and for none at all', () => {
    expect(expectationHolds('survived', trials('survived', 'oom-killed'))).toBe(false);
    expect(expectationHolds('survived', trials('survived', 'inconclusive'))).toBe(false);
    expect(expectationHolds('survived', [])).toBe(false);
  });
});
