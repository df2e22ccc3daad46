import { describe, expect, it } from 'vitest';
import { AXIS_WIDTH, drawChart } from '../../src/results/chart.js';

const settings = { limitBytes: 32 * 2 ** 20, width: AXIS_WIDTH + 20, height: 4, marks: [], colour: false };

function curve(bytes: number[]): { atUs: number[]; bytes: number[] } {
  return { atUs: bytes.map((_, index) => index * 1_000), bytes };
}

describe('the chart', () => {
  it('fills every row where usage stands at the limit', () => {
    const lines = drawChart(curve(new Array(20).fill(32 * 2 ** 20)), settings);
    expect(lines.slice(1, 5).every((line) => line.endsWith('█'.repeat(20)))).toBe(true);
  });

  it('shows a spike that lasted one sample', () => {
    const bytes = new Array(2_000).fill(0);
    bytes[1_000] = 32 * 2 ** 20;
    const top = drawChart(curve(bytes), settings)[1] ?? '';
    expect([...top].filter((cell) => cell === '█')).toHaveLength(1);
  });

  it('names the limit and the time it spans, in the width it was given', () => {
    const lines = drawChart(curve([0, 2 ** 20, 0]), { ...settings, marks: [{ atUs: 2_000, sign: '✖' }] });
    expect(lines[0]).toContain('32 MiB');
    expect(lines.at(-1)).toContain('2.0 ms');
    expect(lines.at(-2)).toMatch(/✖$/);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(AXIS_WIDTH + 20);
  });

  it('draws an axis even without samples', () => {
    expect(drawChart({ atUs: [], bytes: [] }, settings).length).toBe(8);
  });

  it('keeps colour to where it is wanted', () => {
    expect(drawChart(curve([1]), settings).join('')).not.toContain('\u001b');
    expect(drawChart(curve([1]), { ...settings, colour: true }).join('')).toContain('\u001b[31m');
  });
});
