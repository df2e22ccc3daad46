import type { WriteStream } from 'node:tty';
import { Listr, ListrLogger, type ListrTask, ProcessOutput } from 'listr2';
import { printable } from '../printable.js';
import { formatDuration } from '../units.js';
import type { WorkflowEvent } from '../workflows/events.js';
import { EventQueue } from './event-queue.js';
import type { Progress } from './progress.js';

/**
 * listr2 only draws: each of its tasks waits for the events of one phase, and ends as the phase did. The work, its
 * order and its outcome are the workflow's.
 */
export function drawOneTarget(stream: WriteStream): Progress {
  let drawing = startDrawing(stream);
  let phase: WorkflowEvent | undefined;
  return {
    listener: (event) => {
      if (event.kind === 'phase-started') phase = event;
      drawing.events.push(event);
    },
    finish: () => drawing.stop(),
    pause: () => drawing.stop(),
    resume: () => {
      drawing = startDrawing(stream);
      if (phase !== undefined) drawing.events.push(phase);
    },
  };
}

interface Drawing {
  readonly events: EventQueue<WorkflowEvent>;
  readonly stop: () => Promise<void>;
}

function startDrawing(stream: WriteStream): Drawing {
  const events = new EventQueue<WorkflowEvent>();
  const done = drawPhases(stream, events);
  return {
    events,
    stop: () => {
      events.end();
      return done;
    },
  };
}

/** A list for each phase as it begins: listr2 starts no task that is added to a list already running. */
async function drawPhases(stream: WriteStream, events: EventQueue<WorkflowEvent>): Promise<void> {
  for (;;) {
    const started = await events.next((event) => event.kind === 'phase-started');
    if (started?.kind !== 'phase-started') return;
    const title = `${printable(started.target, 60)}: ${started.phase}`;
    const list = listOn(stream, [{ title, task: (_, task) => drawPhase(events, task) }]);
    // A phase that failed is drawn as one; what became of it is the workflow's to say.
    await list.run().catch(() => undefined);
  }
}

type Task = Parameters<ListrTask['task']>[1];

async function drawPhase(events: EventQueue<WorkflowEvent>, task: Task): Promise<void> {
  for (let event = await events.next(); event !== undefined; event = await events.next()) {
    if (event.kind === 'phase-progress') task.output = bar(event.share) + printable(event.detail, 300);
    if (event.kind === 'note') task.output = printable(event.text, 300);
    if (event.kind !== 'phase-ended') continue;
    task.title = `${task.title}: ${printable(event.detail, 300)} (${formatDuration(event.durationMs)})`;
    if (!event.ok) throw new Error(task.title);
    return;
  }
}

const BAR_CELLS = 20;

/** `━━━━━───────────────  ` for a quarter; empty where nobody knows how much there is to do. */
function bar(share: number | undefined): string {
  if (share === undefined) return '';
  const done = Math.round(Math.min(1, Math.max(0, share)) * BAR_CELLS);
  return `${'━'.repeat(done)}${'─'.repeat(BAR_CELLS - done)}  `;
}

/** Redrawn at most so often: listr2's own redraw on every event of hundreds of targets would eat the CPU. */
const REDRAW_MS = 200;

/** All targets in one task: how many are in which phase, and how many ended how. */
export function drawManyTargets(stream: WriteStream, targets: readonly string[]): Progress {
  const state = new Map<string, string>(targets.map((target) => [target, 'waiting']));
  let finish: () => void = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const list = listOn(stream, [
    {
      title: `${targets.length} targets`,
      task: async (_, task) => {
        const draw = (): void => {
          task.output = rollUp(state);
        };
        const timer = setInterval(draw, REDRAW_MS);
        await finished;
        clearInterval(timer);
        task.title = `${targets.length} targets: ${rollUp(state)}`;
      },
    },
  ]);
  const done = list.run().catch(() => undefined);
  return {
    listener: (event) => {
      if (event.kind === 'phase-started') state.set(event.target, event.phase);
      if (event.kind === 'target-ended') state.set(event.target, `${event.record.outcome}`);
    },
    finish: async () => {
      finish();
      await done;
    },
    pause: async () => {},
    resume: () => {},
  };
}

/** `3 follow · 2 completed · 1 unreachable` */
function rollUp(state: ReadonlyMap<string, string>): string {
  const counts = new Map<string, number>();
  for (const phase of state.values()) counts.set(phase, (counts.get(phase) ?? 0) + 1);
  return [...counts].map(([phase, count]) => `${count} ${phase}`).join(' · ');
}

function listOn(stream: WriteStream, tasks: ListrTask[]): Listr {
  const logger = new ListrLogger({ processOutput: new ProcessOutput(stream, stream) });
  return new Listr(tasks, {
    exitOnError: false,
    concurrent: false,
    // Ctrl-C is the command's: listr2's own listener would end the process in the middle of cleaning up.
    registerSignalListeners: false,
    rendererOptions: { logger, collapseSubtasks: false, collapseErrors: false },
  });
}
