import { PassThrough } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { WriteStream } from 'node:tty';
import { describe, expect, it } from 'vitest';
import { drawnProgress } from '../../../src/cli/progress/drawn.js';
import type { Progress } from '../../../src/cli/progress/plain.js';
import type { Phase, WorkflowEvent } from '../../../src/fleet/events.js';
import { Screen } from '../../support/terminal/screen.js';

interface Drawn extends Progress {
  /** What stands on the terminal, without empty lines. */
  readonly shown: () => Promise<string[]>;
  /** Resolves once a line with this stands there. */
  readonly shows: (text: string) => Promise<void>;
  readonly stream: WriteStream;
}

function drawnFor(...targets: string[]): Drawn {
  const screen = new Screen(80, 20);
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 20 });
  stream.on('data', (piece: Buffer) => screen.write(String(piece).replaceAll('\n', '\r\n')));
  const terminal = stream as unknown as WriteStream;
  const shown = async (): Promise<string[]> => (await screen.lines()).filter((line) => line !== '');
  return {
    ...drawnProgress(terminal, targets, (id) => id),
    shown,
    shows: async (text) => {
      while (!(await shown()).some((line) => line.includes(text))) await setTimeout(5);
    },
    stream: terminal,
  };
}

const started = (target: string, phase: Phase): WorkflowEvent => ({ kind: 'phase-started', target, phase });
const ended = (target: string, phase: Phase, detail: string, ok = true): WorkflowEvent => ({
  kind: 'phase-ended',
  target,
  phase,
  ok,
  detail,
  durationMs: 5,
});

/** Resolves when the question stands there, and answers it when `answer` is called. */
function question(
  drawn: Drawn,
  text: string,
): { asked: Promise<void>; answer: () => void; done: Promise<void> } {
  let begin: () => void = () => {};
  let answer: () => void = () => {};
  const asked = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const done = drawn.aside(async () => {
    drawn.stream.write(`${text}\n`);
    begin();
    await answered;
  });
  return { asked, answer, done };
}

describe('what is drawn of one target', () => {
  it('is a line for each phase, ticked or crossed as it ended', async () => {
    const drawn = drawnFor('vm1');
    drawn.listener(started('vm1', 'connect'));
    drawn.listener(ended('vm1', 'connect', 'lab@vm1'));
    drawn.listener(started('vm1', 'facts'));
    drawn.listener(ended('vm1', 'facts', 'no answer', false));
    await drawn.finish();
    expect(await drawn.shown()).toEqual(['✔ vm1: connect: lab@vm1 (5 ms)', '✖ vm1: facts: no answer (5 ms)']);
  });

  it('ends when the work ends in the middle of a phase, which is not ticked', async () => {
    const drawn = drawnFor('vm1');
    drawn.listener(started('vm1', 'connect'));
    await drawn.shows('vm1: connect');
    await drawn.finish();
    expect(await drawn.shown()).toEqual(['… vm1: connect']);
  });

  it('gives way to a question, is not ticked by it, and goes on below the answer', async () => {
    const drawn = drawnFor('vm1');
    drawn.listener(started('vm1', 'connect'));
    await drawn.shows('vm1: connect');
    const { asked, answer, done } = question(drawn, 'Password:');
    await asked;
    expect(await drawn.shown()).toEqual(['… vm1: connect', 'Password:']);
    answer();
    await done;
    drawn.listener(ended('vm1', 'connect', 'lab@vm1'));
    await drawn.finish();
    expect(await drawn.shown()).toEqual(['… vm1: connect', 'Password:', '✔ vm1: connect: lab@vm1 (5 ms)']);
  });

  it('that ended while somebody was asked is drawn below the answer', async () => {
    const drawn = drawnFor('vm1');
    drawn.listener(started('vm1', 'connect'));
    await drawn.shows('vm1: connect');
    const { asked, answer, done } = question(drawn, 'Password:');
    await asked;
    drawn.listener(ended('vm1', 'connect', 'the server closed it', false));
    answer();
    await done;
    await drawn.finish();
    expect((await drawn.shown()).at(-1)).toBe('✖ vm1: connect: the server closed it (5 ms)');
  });
});

describe('what is drawn of many targets', () => {
  it('is nothing where nothing was begun', async () => {
    const drawn = drawnFor('a', 'b');
    await drawn.finish();
    expect(await drawn.shown()).toEqual([]);
  });

  it('is one line that counts them', async () => {
    const drawn = drawnFor('a', 'b', 'c');
    drawn.listener(started('a', 'connect'));
    drawn.listener(started('b', 'connect'));
    drawn.listener(ended('b', 'connect', 'refused', false));
    await drawn.finish();
    expect(await drawn.shown()).toEqual(['✖ 3 targets: 1 connect · 1 connect failed · 1 waiting']);
  });

  it('gives way to questions, one after the other, and draws nothing over them', async () => {
    const drawn = drawnFor('a', 'b');
    drawn.listener(started('a', 'connect'));
    drawn.listener(started('b', 'connect'));
    await drawn.shows('2 targets');
    const first = question(drawn, 'Password of a:');
    const second = question(drawn, 'Password of b:');
    await first.asked;
    drawn.listener(ended('a', 'connect', 'lab@a'));
    drawn.listener(started('a', 'facts'));
    // Longer than it takes to draw the next picture.
    await setTimeout(400);
    expect(await drawn.shown()).toEqual(['… 2 targets', 'Password of a:']);
    first.answer();
    await second.asked;
    expect((await drawn.shown()).at(-1)).toBe('Password of b:');
    second.answer();
    await second.done;
    await drawn.finish();
    expect((await drawn.shown()).at(-1)).toBe('✔ 2 targets: 1 facts · 1 connect');
  });
});

it('draws nothing once it is finished, whatever still happens', async () => {
  for (const targets of [['a'], ['a', 'b']]) {
    const drawn = drawnFor(...targets);
    drawn.listener(started('a', 'connect'));
    await drawn.finish();
    const before = await drawn.shown();
    drawn.listener(started('a', 'facts'));
    await drawn.finish();
    expect(await drawn.shown()).toEqual(before);
  }
});
