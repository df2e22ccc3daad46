import { expect, test } from 'vitest';
import type { WorkflowEvent } from '../../src/fleet/events.js';
import { hostTarget, LOCAL } from '../../src/inventory/targets.js';
import { check } from '../../src/workflows/check.js';
import { freePort } from '../support/ssh/sshd.js';
import { requestFor } from './support.js';

const LIMIT = 32 * 2 ** 20;

test('every target ends in an outcome, in the order given, also beside one that nobody answers at', async () => {
  const nowhere = hostTarget(`127.0.0.1:${await freePort()}`);
  const events: WorkflowEvent[] = [];
  const document = await check({
    ...requestFor([nowhere, LOCAL], { parallel: 2, listener: (event) => events.push(event) }),
    limitBytes: LIMIT,
  });
  const [first, second] = document.targets;
  expect(first).toMatchObject({
    id: nowhere.id,
    outcome: 'unreachable',
    facts: null,
    readiness: null,
    error: { code: 'connection-refused' },
  });
  expect(second).toMatchObject({ id: 'local', facts: { os: { kind: 'linux' } } });
  expect(second?.readiness).not.toBeNull();
  expect(second?.error === null).toBe(second?.readiness?.ready);
  expect(new Set(events.map(({ target }) => target))).toEqual(new Set([nowhere.id, 'local']));
});

test('what was read stays in the record of a target that is refused', async () => {
  const document = await check({ ...requestFor([LOCAL]), limitBytes: 2 ** 50 });
  const [record] = document.targets;
  expect(record).toMatchObject({ outcome: 'not-ready', readiness: { ready: expect.any(Boolean) } });
  expect(record?.facts?.kernel.release).toMatch(/^\d+\.\d+/);
});

test('a target that is not begun when the interruption comes ends as interrupted, and the document is whole', async () => {
  const interruption = new AbortController();
  interruption.abort();
  const document = await check({
    ...requestFor([LOCAL], { signal: interruption.signal }),
    limitBytes: LIMIT,
  });
  expect(document.targets).toMatchObject([
    { id: 'local', outcome: 'interrupted', facts: null, readiness: null },
  ]);
});
