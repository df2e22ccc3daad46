import type { WriteStream } from 'node:tty';
import { Listr, ListrLogger, type ListrTask, ProcessOutput } from 'listr2';
import { printable } from '../printable.js';
import { formatDuration } from '../units.js';
import type { PhaseEnded, WorkflowEvent } from '../workflows/events.js';
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

function startDrawing(stream: WriteStream): { events: EventQueue<WorkflowEvent>; stop: () => Promise<void> } {
  const events = new EventQueue<WorkflowEvent>();
  const list = listOn(stream, [{ title: 'starting', task: (_, task) => drawPhases(events, task) }]);
  const done = list.run().then(
    () => undefined,
    () => undefined,
  );
  return {
    events,
    stop: () => {
      events.end();
      return done;
    },
  };
}

type Task = Parameters<ListrTask['task']>[1];

/** One subtask for each phase as it begins, so that phases a workflow leaves out are never shown. */
async function drawPhases(events: EventQueue<WorkflowEvent>, parent: Task): Promise<Listr> {
  const first = await events.next((event) => event.kind === 'phase-started');
  parent.title = printable(first?.target ?? 'nothing to do', 60);
  const phases = parent.newListr([], { exitOnError: false, concurrent: false });
  addPhase(phases, first, events);
  return phases;
}

function addPhase(list: Listr, started: WorkflowEvent | undefined, events: EventQueue<WorkflowEvent>): void {
  if (started?.kind !== 'phase-started') return;
  list.add({
    title: started.phase,
    task: async (_, task) => {
      const ended = await drawUntilEnded(events, task);
      if (ended === undefined) return;
      task.title = `${ended.phase}: ${printable(ended.detail, 300)} (${formatDuration(ended.durationMs)})`;
      addPhase(list, await events.next((event) => event.kind === 'phase-started'), events);
      if (!ended.ok) throw new Error(task.title);
    },
  });
}

async function drawUntilEnded(
  events: EventQueue<WorkflowEvent>,
  task: Task,
): Promise<PhaseEnded | undefined> {
  for (let event = await events.next(); event !== undefined; event = await events.next()) {
    if (event.kind === 'phase-ended') return event;
    if (event.kind === 'phase-progress') task.output = printable(event.detail, 300);
    if (event.kind === 'note') task.output = printable(event.text, 300);
  }
  return undefined;
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
