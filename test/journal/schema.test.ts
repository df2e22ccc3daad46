import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  MAX_JOURNAL_BYTES,
  MAX_SAMPLES_PER_LINE,
  MAX_TRIALS,
  parseJournalLine,
} from '../../src/journal/schema.js';

const { lines } = JSON.parse(
  readFileSync(new URL('../fixtures/contract/journal-lines.json', import.meta.url), 'utf8'),
) as { lines: readonly { readonly type: string; readonly [key: string]: unknown }[] };

describe.each(lines)('a $type line as the guest writes it', (written) => {
  it('is read, with the values that it has', () => {
    const line = parseJournalLine(JSON.stringify(written)) as unknown as Record<string, unknown>;
    expect(line['type']).toBe(written.type);
    for (const [key, value] of Object.entries(line)) {
      const original = written[key];
      if (typeof original !== 'object' || original === null) {
        // What Go leaves out when it is empty has a value of its own here.
        if (original !== undefined) expect(value, key).toEqual(original);
      } else expect(original, key).toMatchObject(value as object);
    }
  });
});

it('has the bounds that the guest has', () => {
  const bounds = JSON.parse(
    readFileSync(new URL('../fixtures/contract/bounds.json', import.meta.url), 'utf8'),
  ) as object;
  expect(bounds).toMatchObject({
    journalBytes: MAX_JOURNAL_BYTES,
    trialsPerRun: MAX_TRIALS,
    samplesPerLine: MAX_SAMPLES_PER_LINE,
  });
});
