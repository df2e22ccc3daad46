import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter } from '../../src/journal/line-splitter.js';

describe('lines', () => {
  it('come out whole, whatever pieces they arrive in', () => {
    const text = '{"a":1}\nzweite Zeile: größer\n\n🚀\n';
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), (size) => {
        const splitter = new LineSplitter();
        const bytes = Buffer.from(text);
        const lines: unknown[] = [];
        for (let at = 0; at < bytes.length; at += size)
          lines.push(...splitter.push(bytes.subarray(at, at + size)));
        expect(lines).toEqual(text.split('\n').slice(0, -1));
      }),
    );
  });

  it('wait for their end', () => {
    const splitter = new LineSplitter();
    expect(splitter.push(Buffer.from('whole\ncut in the mid'))).toEqual(['whole']);
    expect(splitter.isWithinLine).toBe(true);
    expect(splitter.push(Buffer.from('dle\n'))).toEqual(['cut in the middle']);
    expect(splitter.isWithinLine).toBe(false);
  });

  it('are said to be too long, and not kept, and the next one is whole again', () => {
    const splitter = new LineSplitter(10);
    expect(splitter.push(Buffer.from('x'.repeat(30)))).toEqual([]);
    expect(splitter.push(Buffer.from('x'.repeat(30)))).toEqual([]);
    expect(splitter.push(Buffer.from('end of it\n0123456789\n01234567890\nfine\n'))).toEqual([
      { unreadable: 'too-long' },
      '0123456789',
      { unreadable: 'too-long' },
      'fine',
    ]);
  });

  it('are said to be no UTF-8, each by itself', () => {
    const splitter = new LineSplitter();
    expect(splitter.push(Buffer.from([0x61, 0xff, 10, 0x62, 10, 0xc3, 10]))).toEqual([
      { unreadable: 'not-utf8' },
      'b',
      { unreadable: 'not-utf8' },
    ]);
  });

  it('of a billion bytes take neither their memory nor long', () => {
    const splitter = new LineSplitter();
    const piece = new Uint8Array(1024 ** 2).fill(120);
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 1_000; i += 1) expect(splitter.push(piece)).toEqual([]);
    expect(splitter.push(Buffer.from('\nnext\n'))).toEqual([{ unreadable: 'too-long' }, 'next']);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 ** 2);
  });
});
