import { createInterface } from 'node:readline';
import { PassThrough, Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { expect, it, onTestFinished } from 'vitest';
import { TerminalScreen } from '../../../../src/cli/drive/console/screen.js';
import { Screen } from '../../../support/terminal/screen.js';

/** A terminal that is shown what is written, with a prompt and a panel of three lines as wide as it. */
function terminal(columns: number, rows: number): { screen: TerminalScreen; shown: Screen; resize: Resize } {
  const shown = new Screen(columns, rows);
  const stream = new Writable({
    write(chunk, _encoding, done) {
      // As the kernel's terminal does.
      shown.write(String(chunk).replaceAll('\n', '\r\n'));
      done();
    },
  });
  const output = Object.assign(stream, { columns, rows, isTTY: true }) as unknown as WriteStream;
  const reader = createInterface({ input: new PassThrough(), output, prompt: '> ', terminal: true });
  onTestFinished(() => reader.close());
  const screen = new TerminalScreen(output, reader);
  reader.prompt();
  screen.show((width) => ['── panel ', '── of ', '── three '].map((line) => line.padEnd(width, '─')));
  const resize: Resize = async (newColumns, newRows) => {
    await shown.resize(newColumns, newRows);
    Object.assign(output, { columns: newColumns, rows: newRows });
    output.emit('resize');
    screen.redrawResized();
    screen.frame();
  };
  return { screen, shown, resize };
}

type Resize = (columns: number, rows: number) => Promise<void>;

async function standing(shown: Screen): Promise<string[]> {
  return (await shown.everything()).filter((line) => line !== '').map((line) => line.replace(/─+$/, '──'));
}

const PICTURE = ['── panel ──', '── of ──', '── three ──', '>'];

it('keeps what was printed above the panel', async () => {
  const { screen, shown } = terminal(60, 24);
  screen.print('one');
  screen.print('two');
  screen.frame();
  expect(await standing(shown)).toEqual(['one', 'two', ...PICTURE]);
});

it.each([
  ['narrower', 30],
  ['much narrower, so that each line of the panel is broken into four', 20],
  ['wider', 100],
])('draws one panel, below what was printed, in a terminal that became %s', async (_, columns) => {
  const { screen, shown, resize } = terminal(60, 24);
  for (const line of ['one', 'two']) screen.print(line);
  screen.frame();
  await resize(columns, 24);
  expect(await standing(shown)).toEqual(['one', 'two', ...PICTURE]);
  screen.print('three');
  screen.frame();
  expect(await standing(shown)).toEqual(['one', 'two', 'three', ...PICTURE]);
});

it('does without the panel where there is no room, and draws it again where there is', async () => {
  const { screen, shown, resize } = terminal(60, 24);
  screen.print('one');
  await resize(60, 10);
  expect(await standing(shown)).toEqual(['one', '>']);
  screen.print('two');
  await resize(60, 30);
  expect(await standing(shown)).toEqual(['one', 'two', ...PICTURE]);
});
