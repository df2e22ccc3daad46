import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { STEP_HELP } from '../../src/experiment/steps/commands.js';

const { cases } = JSON.parse(
  readFileSync(new URL('../fixtures/contract/routes.json', import.meta.url), 'utf8'),
) as { cases: readonly { readonly target: string; readonly status: number }[] };

/** Steps that are done here, and no requests. */
const NO_REQUESTS = ['wait', 'until', 'repeat'];

it('every step that is a request is one that the guest answers, and the guest answers no other but quit', () => {
  const answered = cases
    .filter(({ status }) => status === 200)
    .map(({ target }) => /^\/(\w+)/.exec(target)?.[1]);
  const asked = Object.keys(STEP_HELP).filter((step) => !NO_REQUESTS.includes(step));
  expect([...new Set(answered)].sort()).toEqual([...asked, 'quit'].sort());
});
