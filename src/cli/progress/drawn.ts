import type { WriteStream } from 'node:tty';
import type { Listener, WorkflowEvent } from '../../fleet/events.js';
import { printable } from '../../printable.js';
import { formatCount, formatDuration } from '../../units.js';
import { Drawing } from './drawing.js';
import type { Progress } from './plain.js';

/** A task list for one target, one rolled-up line for many. */
export function drawnProgress(
  stream: WriteStream,
  targets: readonly string[],
  nameOf: (id: string) => string,
): Progress {
  const terminal = new Terminal(stream);
  const view = targets.length === 1 ? oneTarget(terminal, nameOf) : manyTargets(terminal, targets);
  return {
    listener: view.listener,
    print: (line) => void terminal.aside(async () => void stream.write(`${line}\n`)),
    aside: (work) => terminal.aside(work),
    finish: () => {
      view.end();
      return terminal.close();
    },
  };
}

interface View {
  readonly listener: Listener;
  /** There will be no more events, whatever is under way. */
  end(): void;
}

/** Who has the terminal: one after another, in the order in which they wanted it. */
class Terminal {
  #last: Promise<unknown> = Promise.resolve();
  /** On the terminal, or soon to be. */
  #drawing: Drawing | undefined;
  #isClosed = false;

  constructor(private readonly stream: WriteStream) {}

  get drawing(): Drawing | undefined {
    return this.#drawing?.hasEnded === false ? this.#drawing : undefined;
  }

  /** Until it ends, or is drawn over. */
  draw(title: string, output = ''): void {
    if (this.#isClosed) return;
    this.drawing?.interrupt();
    const drawing = new Drawing(title, output);
    this.#drawing = drawing;
    this.#queue(() => drawing.run(this.stream));
  }

  aside<T>(work: () => Promise<T>): Promise<T> {
    const { drawing } = this;
    drawing?.interrupt();
    const result = this.#queue(work);
    if (drawing !== undefined) this.draw(drawing.title, drawing.output);
    return result;
  }

  /** Nothing is drawn from now on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
  }

  #queue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** A line for each phase, with what is going on in it below. */
function oneTarget(terminal: Terminal, nameOf: (id: string) => string): View {
  return {
    listener: (event) => {
      const { drawing } = terminal;
      if (event.kind === 'phase-started') terminal.draw(`${nameOf(event.target)}: ${event.phase}`);
      if (event.kind === 'phase-progress') drawing?.say(bar(event.share) + printable(event.detail, 300));
      if (event.kind === 'trial-ended')
        drawing?.say(`trial ${event.trial} of ${event.wanted}: ${printable(event.verdict)}`);
      if (event.kind === 'note') drawing?.say(printable(event.text, 300));
      if (event.kind !== 'phase-ended') return;
      const detail = `${printable(event.detail, 300)} (${formatDuration(event.durationMs)})`;
      drawing?.end(event.ok, `${drawing.title}: ${detail}`);
    },
    end: () => terminal.drawing?.interrupt(),
  };
}

const BAR_CELLS = 20;

/** `━━━━━───────────────  ` for a quarter; empty where nobody knows how much there is to do. */
function bar(share: number | undefined): string {
  if (share === undefined) return '';
  const done = Math.round(Math.min(1, Math.max(0, share)) * BAR_CELLS);
  return `${'━'.repeat(done)}${'─'.repeat(BAR_CELLS - done)}  `;
}

/** Redrawn at most so often: a redraw on every event of hundreds of targets would eat the CPU. */
const REDRAW_MS = 200;

/** All targets in one line: how many are in which phase, and how many ended how. */
function manyTargets(terminal: Terminal, targets: readonly string[]): View {
  const states = new Map<string, string>(targets.map((target) => [target, 'waiting']));
  const title = formatCount(targets.length, 'target');
  let hasFailed = false;
  let timer: NodeJS.Timeout | undefined;
  const draw = (): void => {
    timer = undefined;
    terminal.drawing?.say(rollUp(states));
  };
  return {
    listener: (event) => {
      const state = stateAfter(event);
      if (state === undefined) return;
      states.set(event.target, state.text);
      hasFailed ||= state.failed;
      if (terminal.drawing === undefined) terminal.draw(title, rollUp(states));
      timer ??= setTimeout(draw, REDRAW_MS).unref();
    },
    end: () => {
      clearTimeout(timer);
      terminal.drawing?.end(!hasFailed, `${title}: ${rollUp(states)}`);
    },
  };
}

function stateAfter(event: WorkflowEvent): { text: string; failed: boolean } | undefined {
  if (event.kind === 'phase-started') return { text: event.phase, failed: false };
  if (event.kind === 'phase-ended' && !event.ok) return { text: `${event.phase} failed`, failed: true };
  if (event.kind !== 'target-ended') return undefined;
  return { text: event.outcome, failed: event.outcome !== 'completed' };
}

/** `3 follow · 2 completed · 1 unreachable` */
function rollUp(states: ReadonlyMap<string, string>): string {
  const counts = new Map<string, number>();
  for (const state of states.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, count]) => `${count} ${state}`).join(' · ');
}
