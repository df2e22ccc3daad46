import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { StatusLine } from '../../../scripts/setup/status-line.js';
import { Screen } from '../../support/terminal/screen.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

function output(isTTY: boolean, columns = 60) {
  let text = '';
  return { write: (piece: string) => (text += piece), isTTY, columns, text: () => text };
}

/** What stands on a terminal of 60 columns to which this was written. */
async function shown(text: string): Promise<string[]> {
  vi.useRealTimers();
  const screen = new Screen(60, 10);
  screen.write(text.replaceAll('\n', '\r\n'));
  return (await screen.lines()).filter((line) => line !== '');
}

test('on a terminal one line is redrawn, with the seconds and what is being done', async () => {
  vi.stubEnv('TERM', 'xterm');
  const to = output(true);
  const line = new StatusLine(to, 'setup: installing');
  line.show('45 %, Unpacking golang-go, which has a name that is far too long for this line');
  vi.advanceTimersByTime(12_000);
  const drawn = to.text();
  line.end('setup: installed');
  expect(await shown(drawn)).toEqual(['setup: installing: 12 s, 45 %, Unpacking golang-go, which h']);
  expect(await shown(to.text())).toEqual(['setup: installed (12 s)']);
});

test.each([
  ['without a terminal', false, 'xterm'],
  ['on one that cannot draw', true, 'dumb'],
])('%s there are plain lines: at the start, every half minute, at the end', (_case, isTTY, term) => {
  vi.stubEnv('TERM', term);
  const to = output(isTTY);
  const line = new StatusLine(to, 'setup: installing');
  vi.advanceTimersByTime(65_000);
  line.end('setup: installed');
  expect(to.text()).toBe(
    'setup: installing …\nsetup: installing: 30 s\nsetup: installing: 60 s\nsetup: installed (65 s)\n',
  );
});

test('a line that ended says nothing more', () => {
  const to = output(false);
  const line = new StatusLine(to, 'setup: installing');
  line.end();
  vi.advanceTimersByTime(120_000);
  expect(to.text()).toBe('setup: installing …\n');
});
