import { describe, expect, it } from 'vitest';
import { evidence, headline } from '../../../src/cli/show/describe-trials.js';
import { verdictOf } from '../../../src/journal/verdict.js';
import { rows } from '../../journal/rows.js';

const WHOLE = { damagedLines: 0, isTorn: false };

describe('the headline', () => {
  it('says how often, and names the interval', () => {
    expect(headline(verdictOf(rows('oom-killed', 'survived'), 2), false)).toBe(
      'oom-killed: 1 of 2 trials OOM-killed (Wilson, 95 %: 9 % to 91 %)',
    );
  });

  it('says how many of those that were wanted have finished, and what was under way at a reboot', () => {
    const cut = verdictOf(rows(...new Array(12).fill('oom-killed'), null), 200);
    expect(headline(cut, true)).toBe(
      'oom-killed: 12 of 200 trials finished, 1 under way when the guest rebooted; 12 of 12 trials OOM-killed (Wilson, 95 %: 76 % to 100 %)',
    );
    expect(headline(cut, false)).toContain('12 of 200 trials finished, 1 begun without an end;');
    expect(headline(verdictOf(rows(null), 1), false)).toBe(
      'inconclusive: 0 of 1 trials finished, 1 begun without an end',
    );
  });
});

describe('the evidence', () => {
  it('counts every trial, however many reasons there are, and takes those for one that differ in a number', () => {
    const trials = rows(...new Array(30).fill('inconclusive')).map((row, index) => ({
      ...row,
      reason: index < 20 ? `peaked at ${index}` : `because of ${'abcdefghij'[index - 20]}`,
    }));
    const lines = evidence(trials, WHOLE);
    expect(lines[0]).toBe('20 × inconclusive: peaked at 0');
    expect(lines).toContain('6 × 6 other reasons');
    const counted = lines.map((line) => Number(/^(\d+) ×/.exec(line)?.[1] ?? 0));
    expect(counted.reduce((a, b) => a + b)).toBe(30);
  });

  it('gives the range of the peaks', () => {
    const trials = rows('oom-killed', 'oom-killed').map((row, index) => ({
      ...row,
      peakBytes: 33_554_432 - index * 1_000_000,
      durationMs: 60 + index,
    }));
    expect(evidence(trials, WHOLE)).toContain('peak 31.0 MiB to 32 MiB, a trial took 60 ms to 61 ms');
  });

  it('says that the guest was busy with other things, and nothing of a quiet one', () => {
    const load = {
      wallUs: 100_000,
      cpus: 2,
      cpuBusyUs: 150_000,
      cpuStealUs: 20_000,
      processCpuUs: 60_000,
      stalled: null,
      runnable: { mean: 3.5, max: 5, samples: 4 },
      loadAverage: 3,
    };
    const [row] = rows('survived');
    if (row === undefined) throw new Error('no row');
    expect(evidence([{ ...row, load }], WHOLE)).toContain(
      'busy guest: other processes took 45 % of the CPU time, the hypervisor took 10 % of it for others while the trials ran; 3.5 threads wanted to run at a time. Outcomes of a race hang on that',
    );
    const quiet = { ...load, cpuBusyUs: 70_000, cpuStealUs: 0 };
    const untold = { ...load, cpuBusyUs: null, cpuStealUs: null, cpus: null };
    for (const one of [quiet, untold])
      expect(evidence([{ ...row, load: one }], WHOLE).join()).not.toContain('busy');
  });

  it('says what of the journal could not be read', () => {
    expect(evidence(rows('survived'), { damagedLines: 2, isTorn: true })).toEqual([
      '1 × survived: because survived',
      '2 lines of the journal cannot be read, and nothing is taken from there',
      'the last line of the journal was cut',
    ]);
  });
});
