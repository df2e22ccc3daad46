import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { goTest } from '../../../scripts/test/go.js';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** `go test` that prints these lines and ends so. */
function goThat(exitCode: number, ...lines: (object | string)[]) {
  const folder = mkdtempSync(join(tmpdir(), 'gclab-go-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  writeFileSync(join(folder, 'go'), `#!/bin/sh\n/bin/cat <<'LINES'\n${text}\nLINES\nexit ${exitCode}\n`);
  chmodSync(join(folder, 'go'), 0o755);
  vi.stubEnv('PATH', folder);
  const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  return () => printed.mock.calls.map(([piece]) => String(piece)).join('');
}

const test1 = { Action: 'pass', Package: 'p', Test: 'One' };
const said = { Action: 'output', Package: 'p', Test: 'One', Output: 'words of the test\n' };

test('tests are counted, not packages, and nothing is shown where all pass', async () => {
  const printed = goThat(0, said, test1, { ...test1, Test: 'Two' }, { Action: 'pass', Package: 'p' });
  expect(await goTest([])).toEqual({ passed: 2, failed: 0 });
  expect(printed()).toBe('');
});

test('a test that fails or skips itself counts as failed, and its words are shown', async () => {
  const printed = goThat(1, said, test1, { ...test1, Action: 'fail' }, { ...test1, Action: 'skip' });
  expect(await goTest([])).toEqual({ passed: 1, failed: 2 });
  expect(printed()).toContain('words of the test');
});

test('what does not compile has failed, and the compiler is heard', async () => {
  const printed = goThat(2, '# gclab/gcexp', './main.go:1: syntax error');
  expect(await goTest([])).toEqual({ passed: 0, failed: 1 });
  expect(printed()).toContain('syntax error');
});

test('without Go nothing has passed', async () => {
  vi.stubEnv('PATH', '/nonexistent');
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  expect(await goTest([])).toEqual({ passed: 0, failed: 1 });
});
