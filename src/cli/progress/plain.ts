import type { WriteStream } from 'node:tty';
import type { Listener, WorkflowEvent } from '../../fleet/events.js';
import { printable } from '../../printable.js';
import { formatDuration } from '../../units.js';

/** Shows a workflow's events while it goes on, on stderr. */
export interface Progress {
  readonly listener: Listener;
  /** A line for people, above what is drawn. */
  print(line: string): void;
  /** Gives the terminal to `work`, which asks something; who else wants it waits. What was drawn goes on below the answer. */
  aside<T>(work: () => Promise<T>): Promise<T>;
  /** Draws the last state and lets go of the terminal. May be called again. */
  finish(): Promise<void>;
}

/** Waiting tells each second how long it has waited; a log wants to know less often. */
const WAITING_MS = 10_000;

/** One line per event that tells something: for pipes, logs and CI. */
export function plainProgress(
  stream: Pick<WriteStream, 'write'>,
  nameOf: (id: string) => string,
  now = (): number => performance.now(),
): Progress {
  const waiting = new Map<string, { readonly doing: string; readonly at: number }>();
  let last: Promise<unknown> = Promise.resolve();
  const isRepetition = (event: WorkflowEvent): boolean => {
    if (event.kind !== 'phase-progress' || !WAITING_PHASES.has(event.phase)) return false;
    const doing = event.detail.replace(/[\d.]+/g, '');
    const before = waiting.get(event.target);
    if (before?.doing === doing && now() - before.at < WAITING_MS) return true;
    waiting.set(event.target, { doing, at: now() });
    return false;
  };
  return {
    listener: (event) => {
      const line = isRepetition(event) ? undefined : describe(event);
      if (line !== undefined) stream.write(`${nameOf(event.target)}: ${printable(line)}\n`);
    },
    print: (line) => void stream.write(`${line}\n`),
    aside: (work) => {
      const result = last.then(work);
      last = result.catch(() => undefined);
      return result;
    },
    finish: async () => {},
  };
}

const WAITING_PHASES: ReadonlySet<string> = new Set(['vm', 'reboot']);

function describe(event: WorkflowEvent): string | undefined {
  switch (event.kind) {
    case 'phase-ended':
      return `${event.phase}: ${event.ok ? '' : 'failed: '}${event.detail} (${formatDuration(event.durationMs)})`;
    case 'phase-progress':
      return `${event.phase}: ${event.detail}`;
    case 'note':
      return event.text;
    case 'target-ended':
      return event.outcome;
    case 'trial-ended':
      return `follow: trial ${event.trial} of ${event.wanted}: ${event.verdict}`;
    case 'phase-started':
      return undefined;
  }
}
