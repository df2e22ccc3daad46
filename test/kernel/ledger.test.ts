import { expect, test } from 'vitest';
import { openChanges } from '../../src/kernel/ledger.js';

const SUM = 'a'.repeat(64);
const line = (run: string, action: string, files: readonly object[] = []) =>
  JSON.stringify({ schema: 1, at: '2026-11-24T06:00:00Z', run, kind: 'kernel-options', action, files });
const file = { path: '/etc/default/grub', number: 1, before: SUM, after: SUM };

test('what was begun is open until it was reverted or put back', () => {
  const lines = [
    line('a', 'begin', [file]),
    line('b', 'begin'),
    line('a', 'applied'),
    line('c', 'begin'),
    line('c', 'put-back'),
  ];
  expect(openChanges(lines)).toMatchObject([
    { id: 'a', applied: true, files: [file] },
    { id: 'b', applied: false },
  ]);
  expect(openChanges([...lines, line('a', 'reverted')])).toMatchObject([{ id: 'b' }]);
});

test('an absent file is null', () => {
  const [change] = openChanges([line('a', 'begin', [{ ...file, before: '-' }])]);
  expect(change?.files[0]?.before).toBeNull();
});

test.each([
  '',
  '{',
  '{"run":1}',
  line('../x', 'begin'),
  line('a', 'begin', [{ ...file, path: 'etc' }]),
  line('a', 'begin', [{ ...file, before: 'x' }]),
])('a line that is none of ours is skipped: %s', (bad) => {
  expect(openChanges([bad, line('ok', 'begin')]).map(({ id }) => id)).toEqual(['ok']);
});
