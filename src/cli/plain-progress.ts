import type { WriteStream } from 'node:tty';
import { printable } from '../printable.js';
import { formatDuration } from '../units.js';
import type { WorkflowEvent } from '../workflows/events.js';
import type { Progress } from './progress.js';

/** One line per event that tells something: for pipes, logs and CI. */
export function plainProgress(stream: Pick<WriteStream, 'write'>): Progress {
  return {
    listener: (event) => {
      const line = describe(event);
      if (line !== undefined) stream.write(`${printable(event.target, 60)}: ${printable(line)}\n`);
    },
    finish: async () => {},
    pause: async () => {},
    resume: () => {},
  };
}

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
