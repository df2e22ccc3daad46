import { expect, it } from 'vitest';
import { trialRowSchema } from '../../../src/journal/trial/row.js';
import { UNKNOWN } from '../rows.js';

it('takes a trial of which nothing is known but that it began', () => {
  expect(trialRowSchema.parse({ trial: 13, ...UNKNOWN })).toEqual({ trial: 13, ...UNKNOWN });
});

it('refuses times without a zone, and numbers that nobody can count', () => {
  expect(trialRowSchema.safeParse({ trial: 1, ...UNKNOWN, startedAt: '2026-11-24 06:01:02' }).success).toBe(
    false,
  );
  expect(trialRowSchema.safeParse({ trial: 2 ** 60, ...UNKNOWN }).success).toBe(false);
});
