import { describe, expect, it } from 'vitest';
import { printable } from '../src/printable.js';

describe('printable', () => {
  it('makes escape sequences, carriage returns and direction overrides visible', () => {
    expect(printable('\u001b[2Jred\r\u009b31m\u202egnp')).toBe('\\x1b[2Jred\\x0d\\x9b31m\\x202egnp');
  });

  it('keeps a text on one line', () => {
    expect(printable('a\n\tb')).toBe('a b');
  });

  it('bounds the length', () => {
    expect(printable('x'.repeat(50), 10)).toBe(`${'x'.repeat(10)}…`);
  });

  it('leaves other scripts and emoji as they are', () => {
    expect(printable('größe 32 МиБ 🚀')).toBe('größe 32 МиБ 🚀');
  });
});
