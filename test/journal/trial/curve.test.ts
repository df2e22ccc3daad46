import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Curve } from '../../../src/journal/trial/curve.js';
import { LiveSeries } from '../../../src/journal/trial/live-series.js';

describe('a trial’s curve', () => {
  it('keeps a bounded number of points of however many samples, and the highest of them', () => {
    const sample = fc.record({ t: fc.integer({ min: 0, max: 2 ** 50 }), bytes: fc.nat() });
    fc.assert(
      fc.property(fc.array(sample, { minLength: 5_000, maxLength: 12_000 }), (samples) => {
        const curve = new Curve();
        for (const { t, bytes } of samples) curve.sample(t, bytes);
        expect(curve.atUs.length).toBeLessThanOrEqual(4_096);
        expect(curve.usageBytes).toHaveLength(curve.atUs.length);
        expect(curve.usageBytes.reduce((high, one) => Math.max(high, one), 0)).toBe(
          samples.reduce((high, { bytes }) => Math.max(high, bytes), 0),
        );
      }),
      { numRuns: 10 },
    );
  });

  it('keeps each sample of a short trial', () => {
    const curve = new Curve();
    for (let t = 0; t < 100; t += 1) curve.sample(t * 1_000, t);
    expect(curve.usageBytes).toEqual(Array.from({ length: 100 }, (_, t) => t));
  });
});

describe('the last minute', () => {
  it('holds a value until there is another', () => {
    const series = new LiveSeries();
    series.usage(0, 5);
    series.usage(250_000, 7);
    series.mark(250_000, 'add');
    series.mark(260_000, 'gc');
    expect(series.upTo(350_000, 4)).toEqual([
      { usageBytes: 5 },
      { usageBytes: 5 },
      { usageBytes: 7, mark: 'gc' },
      { usageBytes: 7 },
    ]);
  });

  it('keeps no more than that, whatever times it is told', () => {
    const series = new LiveSeries();
    series.usage(10 ** 12, 1);
    for (let t = 0; t < 10 ** 9; t += 10 ** 6) series.usage(t, 9);
    expect(series.upTo(10 ** 12, 600).filter(({ usageBytes }) => usageBytes === 9)).toEqual([]);
  });
});
