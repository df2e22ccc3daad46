import type { Guest, Trial } from '../model.js';
import type { Phases } from './phases.js';
import type { RunRequest } from './run-request.js';

export class SequenceDriver {
  constructor(_guest: () => Guest | undefined, _request: RunRequest, _phases: Phases) {}
  drive(_trial: number): void {}
  qualify(trials: readonly Trial[]): readonly Trial[] {
    return trials;
  }
  async close(): Promise<void> {}
}
