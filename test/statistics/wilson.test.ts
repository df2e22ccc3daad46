import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wilsonInterval } from '../../src/statistics/wilson.js';

describe("Wilson's interval", () => {
  // Reference values: R's binom::binom.wilson(k, n, conf.level = 0.95).
  it.each([
    [0, 20, 0, 0.1611],
    [20, 20, 0.8389, 1],
    [11, 20, 0.3421, 0.7418],
    [18, 20, 0.699, 0.9721],
    [1, 1, 0.2065, 1],
    [5, 10, 0.2366, 0.7634],
  ])('of %d in %d', (killed, trials, low, high) => {
    const interval = wilsonInterval(killed, trials);
    expect(interval[0]).toBeCloseTo(low, 4);
    expect(interval[1]).toBeCloseTo(high, 4);
  });

  it('says nothing where nothing was tried', () => {
    expect(wilsonInterval(0, 0)).toEqual([0, 1]);
  });

  it('always holds the share that was seen, and stays within 0 and 1', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (trials, share) => {
          const killed = Math.round(share * trials);
          const [low, high] = wilsonInterval(killed, trials);
          expect(low).toBeGreaterThanOrEqual(0);
          expect(high).toBeLessThanOrEqual(1);
          expect(low).toBeLessThanOrEqual(killed / trials);
          expect(high).toBeGreaterThanOrEqual(killed / trials);
        },
      ),
    );
  });
});
