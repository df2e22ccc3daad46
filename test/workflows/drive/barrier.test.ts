import { describe, expect, it } from 'vitest';
import { Barrier } from '../../../src/workflows/drive/barrier.js';

describe('hosts in step', () => {
  it('pass a point once all are there', async () => {
    const barrier = new Barrier(['a', 'b']);
    const passed: string[] = [];
    const first = barrier.arrive('a', 1).then(() => passed.push('a'));
    await Promise.resolve();
    expect(passed).toEqual([]);
    await barrier.arrive('b', 1);
    await first;
    expect(passed).toEqual(['a']);
  });

  it('do not wait for one that left, or that is further', async () => {
    const barrier = new Barrier(['a', 'b', 'c']);
    barrier.leave('b');
    const later = barrier.arrive('c', 9);
    await barrier.arrive('a', 1);
    barrier.leave('a');
    await later;
  });
});
