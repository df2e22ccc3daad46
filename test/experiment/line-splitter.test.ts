import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter } from '../../src/experiment/line-splitter.js';

describe('lines', () => {
  it('come out whole, whatever pieces they arrive in', () => {
    const text = '{"a":1}\nzweite Zeile: größer\n\n🚀\n';
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), (size) => {
        const splitter = new LineSplitter();
        const bytes = Buffer.from(text);
        const lines: string[] = [];
        for (let at = 0; at < bytes.length; at += size)
          lines.push(...splitter.push(bytes.subarray(at, at + size)));
        expect(lines).toEqual(text.split('\n').slice(0, -1));
      }),
    );
  });

  it('wait for their end', () => {
    expect(new LineSplitter().push(Buffer.from('cut in the mid'))).toEqual([]);
  });

  it('are dropped and counted when they never end, and the next one is whole again', () => {
    const splitter = new LineSplitter(10);
    expect(splitter.push(Buffer.from('x'.repeat(30)))).toEqual([]);
    expect(splitter.push(Buffer.from('x'.repeat(30)))).toEqual([]);
    expect(splitter.push(Buffer.from('end of it\nfine\n'))).toEqual(['fine']);
    expect(splitter.dropped).toBe(1);
  });
});
