import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { costOf, overBudget } from '../../../src/experiment/steps/budget.js';
import { parseSteps } from '../../../src/experiment/steps/parse.js';
import { bytesOf, resolveSteps } from '../../../src/experiment/steps/resolve.js';
import { COMPARISONS, type Step } from '../../../src/experiment/steps/step.js';
import { unroll } from '../../../src/experiment/steps/unroll.js';
import { METRICS } from '../../../src/journal/trial/figures.js';
import { anySteps } from './arbitrary.js';

describe('the budget of steps', () => {
  it('refuses what would never end', () => {
    const forEver = parseSteps('repeat 1000000 { repeat 1000000 { gc } }');
    expect(overBudget(forEver, 60_000)).toBe('1000000000000 steps would be done, at most 1000000 may be');
    expect(overBudget(parseSteps('repeat 100 { wait 1s }'), 60_000)).toBe(
      'the waits alone take 100 s, and all of it may take 60 s',
    );
    expect(overBudget(parseSteps('gc\n'.repeat(501)), 60_000)).toContain('501 steps are written');
    expect(overBudget(parseSteps('repeat 10 { add 1MiB; wait 1s }'), 60_000)).toBeUndefined();
  });

  it('counts as many steps as there are when they are taken apart', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const { done } = costOf(steps);
        fc.pre(done < 5_000);
        expect([...unroll(steps)]).toHaveLength(done);
      }),
    );
  });

  it('numbers steps as they are listed, a repeat with all of its steps being one', () => {
    const unrolled = [...unroll(parseSteps('gc; repeat 2 { add 1MiB; gc }; stats'))];
    expect(unrolled.map(({ number, step }) => `${number} ${step.do}`)).toEqual([
      '1 gc',
      '2 add',
      '2 gc',
      '2 add',
      '2 gc',
      '3 stats',
    ]);
  });
});

describe('shares of the limit', () => {
  it('are the byte counts of the self-directed mode', () => {
    expect([90, 10].map((percent) => bytesOf({ percent }, 33_554_432))).toEqual([30_198_988, 3_355_443]);
  });

  it('are all gone once the limit is known', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        expect(JSON.stringify(resolveSteps(steps, 2 ** 25))).not.toContain('percent');
      }),
    );
  });
});

describe('scenarios, by the cases that the guest is held to as well', () => {
  const contract = JSON.parse(
    readFileSync(new URL('../../fixtures/contract/steps.json', import.meta.url), 'utf8'),
  ) as {
    readonly metrics: readonly string[];
    readonly comparisons: readonly string[];
    readonly cases: readonly {
      readonly name: string;
      readonly steps: readonly Step[];
      readonly written: number;
      readonly done: number;
      readonly allowed: boolean;
    }[];
  };

  it.each(contract.cases)('$name', ({ steps, written, done, allowed }) => {
    expect(costOf(steps)).toMatchObject({ written, done });
    expect(overBudget(steps, 60_000) === undefined).toBe(allowed);
  });

  it('have the same words', () => {
    expect([...METRICS]).toEqual(contract.metrics);
    expect([...COMPARISONS]).toEqual(contract.comparisons);
  });
});
