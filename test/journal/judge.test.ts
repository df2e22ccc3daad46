import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Evidence, type Judgement, judge } from '../../src/journal/judge.js';

const { cases } = JSON.parse(
  readFileSync(new URL('../fixtures/contract/verdicts.json', import.meta.url), 'utf8'),
) as { cases: readonly (Evidence & Judgement & { readonly name: string })[] };

describe('the verdict of a trial, by the cases that the guest is held to as well', () => {
  it.each(cases)('$name: $verdict', ({ verdict, reason, ...evidence }) => {
    expect(judge(evidence)).toEqual({ verdict, reason });
  });

  it('has a case of each verdict for each hierarchy', () => {
    const seen = new Set(cases.map(({ hierarchy, verdict }) => `${hierarchy} ${verdict}`));
    for (const hierarchy of ['v1', 'v2'])
      for (const verdict of ['survived', 'oom-killed', 'inconclusive'])
        expect(seen).toContain(`${hierarchy} ${verdict}`);
  });
});
