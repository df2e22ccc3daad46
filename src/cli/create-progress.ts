import type { WriteStream } from 'node:tty';
import type { Progress } from './progress.js';

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
