import { describe, expect, it } from 'vitest';
import { nearby, nearest } from '../src/nearest.js';

const COMMANDS = ['add', 'rel', 'gc', 'stats', 'reset', 'repeat', 'until'];

describe('the word that was meant', () => {
  it.each([
    ['ad', 'add'],
    ['rle', 'rel'],
    ['stat', 'stats'],
    ['ADD', 'add'],
    ['rep', 'repeat'],
    ['untill', 'until'],
    ['resett', 'reset'],
  ])('%s is %s', (typed, meant) => {
    expect(nearest(typed, COMMANDS)).toBe(meant);
  });

  it.each(['xx', 'foo', 'quit', '', 'allocate', 'allocations'.repeat(10)])('%j is none', (typed) => {
    expect(nearest(typed, COMMANDS)).toBeUndefined();
  });

  it('is never the one that was typed', () => {
    expect(nearest('gc', COMMANDS)).toBeUndefined();
  });
});

it('orders those that may have been meant', () => {
  expect(nearby('web01', ['sql01', 'web1', 'web01a', 'web-10', 'mail'])).toEqual([
    'web01a',
    'web1',
    'web-10',
  ]);
});
