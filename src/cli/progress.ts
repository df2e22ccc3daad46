import type { WriteStream } from 'node:tty';
import type { Listener } from '../workflows/events.js';

/** Draws a workflow's events while it goes on, on stderr. */
export interface Progress {
  readonly listener: Listener;
  /** Draws the last state and lets go of the terminal. */
  finish(): Promise<void>;
  /** Lets go of the terminal for a question; `resume` goes on below the answer. */
  pause(): Promise<void>;
  resume(): void;
}

export interface ProgressSettings {
  readonly stream: WriteStream;
  readonly targets: readonly string[];
  /** Whether to draw in place; else plain lines. */
  readonly interactive: boolean;
}

/** A task list for one target, one rolled-up line for many, plain lines without a terminal. */
export async function createProgress(settings: ProgressSettings): Promise<Progress> {
  if (!settings.interactive) {
    const { plainProgress } = await import('./plain-progress.js');
    return plainProgress(settings.stream);
  }
  const { drawOneTarget, drawManyTargets } = await import('./drawn-progress.js');
  return settings.targets.length === 1
    ? drawOneTarget(settings.stream)
    : drawManyTargets(settings.stream, settings.targets);
}
