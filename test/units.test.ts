import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatBytes, formatDuration, parseDuration, parseSize } from '../src/units.js';

describe('sizes', () => {
  const { cases } = JSON.parse(
    readFileSync(new URL('fixtures/contract/sizes.json', import.meta.url), 'utf8'),
  ) as { cases: readonly { readonly text: string; readonly bytes: number | null }[] };

  it.each(cases)('are read as the guest reads them: $text', ({ text, bytes }) => {
    expect(parseSize(text) ?? null).toBe(bytes);
  });

  it.each([
    [0, '0 B'],
    [512, '512 B'],
    [33_554_432, '32 MiB'],
    [30_198_988, '28.8 MiB'],
  ])('writes %d', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('durations', () => {
  it.each([
    ['250ms', 250],
    ['10s', 10_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['0.5s', 500],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '10', 's', '-1s', '1d', '10 s'])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it.each([
    [840, '840 ms'],
    [2_000, '2.00 s'],
    [61_000, '1 min 1 s'],
  ])('writes %d', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});
