import { expect, it } from 'vitest';
import { fitted, widthOf } from '../../../src/cli/show/fitted.js';

async function shown(line: string, columns: number, isTTY = true): Promise<string[]> {
  const lines: string[] = [];
  const print = await fitted((text) => lines.push(text), { isTTY, columns });
  print(line);
  return lines;
}

it('a line that is too long for the terminal is broken between words, and goes on further in', async () => {
  expect(await shown('  busy guest: other processes took 75 % of the CPU time', 40)).toEqual([
    '  busy guest: other processes took 75',
    '    % of the CPU time',
  ]);
  expect(
    await shown('a word that is longer than that: /a/path/that/nobody/could/break/anywhere', 40),
  ).toEqual(['a word that is longer than that:', '  /a/path/that/nobody/could/break/anywhere']);
});

it('a line that fits stays as it is, blanks and all, and so does every line that goes elsewhere', async () => {
  const line = `x    y${' '.repeat(10)}z`;
  expect(await shown(line, 40)).toEqual([line]);
  expect(await shown('far too long for it '.repeat(9), 40, false)).toHaveLength(1);
});

it.each([
  [undefined, 80],
  [0, 80],
  [132, 132],
])('a terminal that says %s has %d columns', (columns, width) => {
  expect(widthOf(columns === undefined ? {} : { columns })).toBe(width);
});
