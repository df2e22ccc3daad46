import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openHistory } from '../../../../src/cli/drive/console/history.js';

const folder = mkdtempSync(join(tmpdir(), 'gclab-history-'));
afterAll(() => rmSync(folder, { recursive: true }));
const never = (message: string): void => expect.unreachable(message);

test('what one session adds the next one has, newest first, and nobody else may read it', () => {
  const file = join(folder, 'new', 'drive-history');
  const first = openHistory(file, never);
  expect(first.lines).toEqual([]);
  first.add('add 1MiB');
  first.add('gc');
  expect(openHistory(file, never).lines).toEqual(['gc', 'add 1MiB']);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('sessions side by side keep the lines of both', () => {
  const file = join(folder, 'both');
  const [one, other] = [openHistory(file, never), openHistory(file, never)];
  one.add('gc');
  other.add('stats');
  one.add('gc');
  other.add('reset');
  expect(openHistory(file, never).lines).toEqual(['reset', 'gc', 'stats']);
});

test('a file that grew too large is cut to its last thousand lines', () => {
  const file = join(folder, 'large');
  writeFileSync(file, Array.from({ length: 200_000 }, (_, n) => `add ${n}\n`).join(''));
  expect(openHistory(file, never).lines).toHaveLength(1_000);
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(1_001);
  expect(openHistory(file, never).lines[0]).toBe('add 199999');
});

test('a file that others might read becomes private', () => {
  const file = join(folder, 'open');
  writeFileSync(file, 'gc\n', { mode: 0o644 });
  expect(openHistory(file, never).lines).toEqual(['gc']);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a file of anything but text is no reason to stop', () => {
  const file = join(folder, 'garbled');
  writeFileSync(file, Buffer.from([0xff, 0xfe, 0, 10, 0xc3, 0x28, 13, 10, 10, 7]));
  for (const line of openHistory(file, never).lines) expect(line).not.toMatch(/\p{Cc}/u);
});

test('escape sequences in the file never reach the terminal', () => {
  const file = join(folder, 'hostile');
  writeFileSync(file, 'gc\n\u001b[2Jstats\u0000\n');
  expect(openHistory(file, never).lines).toEqual(['\\x1b[2Jstats\\x00', 'gc']);
});

test('where nothing can be kept that is said once', () => {
  const said: string[] = [];
  writeFileSync(join(folder, 'file'), '');
  const history = openHistory(join(folder, 'file', 'drive-history'), (message) => said.push(message));
  history.add('gc');
  history.add('gc');
  expect(said).toHaveLength(1);
  expect(said[0]).toContain('ENOTDIR');
});
