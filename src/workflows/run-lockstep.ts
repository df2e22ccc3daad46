import type { RunDocument } from '../results/run-folder.js';
import { Barrier } from './barrier.js';
import { LockstepDriver } from './lockstep-driver.js';
import { run } from './run.js';
import type { RunRequest } from './run-request.js';

/**
 * Does a scenario on all targets in step. It is driven from here then, over the connections, since only here is it known how far the
 * others are; each target still has its journal, with every step timed on its own clock.
 */
export function runLockstep(request: RunRequest): Promise<RunDocument> {
  const barrier = new Barrier(request.targets.map(({ name }) => name));
  return run({
    ...request,
    settings: { ...request.settings, mode: 'interactive' },
    // Who waits for its turn to connect would be waited for by those who did.
    parallel: Math.max(request.parallel, request.targets.length),
    driver: (seat) => new LockstepDriver(seat, barrier),
    listener: (event) => {
      if (event.kind === 'target-ended') barrier.leave(event.target);
      request.listener(event);
    },
  });
}
