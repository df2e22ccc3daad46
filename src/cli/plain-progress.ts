import type { WriteStream } from 'node:tty';
import { printable } from '../printable.js';
import { formatDuration } from '../units.js';
import type { WorkflowEvent } from '../workflows/events.js';
import type { Progress } from './progress.js';

/** Waiting tells each second how long it has waited; a log wants to know less often. */
const WAITING_MS = 10_000;

/** One line per event that tells something: for pipes, logs and CI. */
export function plainProgress(
  stream: Pick<WriteStream, 'write'>,
  now = (): number => performance.now(),
): Progress {
  const waiting = new Map<string, { readonly doing: string; readonly at: number }>();
  const isRepetition = (event: WorkflowEvent): boolean => {
    if (event.kind !== 'phase-progress' || !WAITING_PHASES.has(event.phase)) return false;
    const doing = event.detail.replace(/[\d.]+/g, '');
    const last = waiting.get(event.target);
    if (last?.doing === doing && now() - last.at < WAITING_MS) return true;
    waiting.set(event.target, { doing, at: now() });
    return false;
  };
  return {
    listener: (event) => {
      const line = isRepetition(event) ? undefined : describe(event);
      if (line !== undefined) stream.write(`${printable(event.target, 60)}: ${printable(line)}\n`);
    },
    finish: async () => {},
    pause: async () => {},
    resume: () => {},
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
      return `${event.record.outcome}`;
    case 'phase-started':
      return undefined;
  }
}
