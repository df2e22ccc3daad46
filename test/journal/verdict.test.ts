import { describe, expect, it } from 'vitest';
import { expectationHolds, unfinished, verdictOf } from '../../src/journal/verdict.js';
import { rows } from './rows.js';

describe('the verdict of a run', () => {
  it('is oom-killed as soon as one trial was', () => {
    const verdict = verdictOf(rows('survived', 'oom-killed', 'survived'), 3);
    expect(verdict).toMatchObject({ kind: 'oom-killed', killed: 1, trials: 3, inconclusive: 0 });
    expect(verdict).toMatchObject({ wanted: 3, begun: 3, finished: 3 });
  });

  it('is survived only when every trial that was wanted survived', () => {
    expect(verdictOf(rows('survived', 'survived'), 2).kind).toBe('survived');
    expect(verdictOf(rows('survived', 'inconclusive'), 2).kind).toBe('inconclusive');
    expect(verdictOf(rows('survived', 'survived'), 3).kind).toBe('inconclusive');
    expect(verdictOf(rows('survived', null), 2).kind).toBe('inconclusive');
  });

  it('counts no inconclusive trial into the interval, and tells why it is one', () => {
    const verdict = verdictOf(rows('oom-killed', 'inconclusive'), 2);
    expect(verdict).toMatchObject({ killed: 1, trials: 1, inconclusive: 1, finished: 2 });
    expect(verdict.reason).toContain('because inconclusive');
  });

  it('counts what was wanted, begun and finished apart', () => {
    const verdict = verdictOf(rows(...new Array(12).fill('oom-killed'), null), 200);
    expect(verdict).toMatchObject({ killed: 12, trials: 12, wanted: 200, begun: 13, finished: 12 });
    expect(verdict.reason).toBe(
      'the kernel OOM-killed 12 of 12 trials; 12 of 200 trials finished, 1 had begun besides',
    );
    expect(unfinished(verdictOf(rows('survived'), 1))).toBeNull();
    expect(unfinished(verdictOf(rows('survived'), 2))).toBe('1 of 2 trials finished');
  });

  it('counts trials with and without a collection apart, with no interval over both', () => {
    const mixed = rows('oom-killed', 'survived', 'oom-killed', 'inconclusive').map((row) => ({
      ...row,
      collectionAsked: row.trial % 2 === 0,
    }));
    const verdict = verdictOf(mixed, 4, true);
    expect(verdict).toMatchObject({ kind: 'oom-killed', killed: 2, trials: 3, interval: null });
    expect(verdict.byCollection).toMatchObject({
      without: { killed: 2, trials: 2, interval: [expect.closeTo(0.342, 3), 1] },
      with: { killed: 0, trials: 1, interval: [0, expect.closeTo(0.793, 3)] },
    });
    expect(verdictOf(mixed, 4).interval).not.toBeNull();
    const alike = verdictOf(
      rows('oom-killed', 'survived').map((row) => ({ ...row, collectionAsked: true })),
      2,
      true,
    );
    expect(alike.interval).not.toBeNull();
    expect(alike.byCollection).toBeUndefined();
  });

  it('names the interval', () => {
    expect(verdictOf(rows('oom-killed'), 1)).toMatchObject({ intervalMethod: 'Wilson', intervalLevel: 0.95 });
  });

  it('is inconclusive without trials', () => {
    expect(verdictOf([], 1)).toMatchObject({ kind: 'inconclusive', interval: [0, 1], begun: 0 });
  });
});

describe('an expectation', () => {
  it('holds when every trial bears it out', () => {
    expect(expectationHolds('oom-killed', rows('oom-killed', 'oom-killed'))).toBe(true);
    expect(expectationHolds('survived', rows('survived'))).toBe(true);
  });

  it('fails for a mix, for a doubtful trial and for none at all', () => {
    expect(expectationHolds('survived', rows('survived', 'oom-killed'))).toBe(false);
    expect(expectationHolds('survived', rows('survived', 'inconclusive'))).toBe(false);
    expect(expectationHolds('survived', [])).toBe(false);
  });
});
