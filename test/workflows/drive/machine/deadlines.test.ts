import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DEADLINES } from '../../../../src/workflows/drive/machine/deadlines.js';

const DOCUMENT = new URL('../../../../docs/driving.md', import.meta.url);

it('the document names every deadline, and how long it is', () => {
  const rows = readFileSync(DOCUMENT, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'));
  for (const { ms, waitsFor } of Object.values(DEADLINES)) {
    const row = rows.find((line) => line.startsWith(`| ${waitsFor}`));
    expect(row, waitsFor).toContain(`${ms / 1_000} s`);
  }
});
