import { describe, expect, it } from 'vitest';
import { formatBytes, formatDuration, parseDuration, parseSize } from '../src/units.js';

describe('sizes', () => {
  it.each([
    ['32MiB', 33_554_432],
    ['32M', 33_554_432],
    ['32m', 33_554_432],
    ['32MB', 32_000_000],
    ['33554432', 33_554_432],
    ['1.5GiB', 1_610_612_736],
    ['4096B', 4_096],
    [' 1 KiB ', 1_024],
  ])('reads %s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each([
    '',
    'MiB',
    '-1MiB',
    '0',
    '32 Mi B',
    '32XB',
    '1e6',
    '$(id)',
    '32\nMiB',
    '9999999999999999',
    '0x10',
  ])('refuses %j', (text) => {
    expect(parseSize(text)).toBeUndefined();
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
