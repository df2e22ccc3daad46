import type { Step } from '../experiment/steps/step.js';
import type { RunDocument } from '../results/run-folder.js';
import { Barrier } from './barrier.js';
import { run } from './run.js';
import type { RunRequest } from './run-request.js';
import { StepsDriver, type TrialSteps } from './steps-driver.js';

/**
 * Does a scenario on all targets in step. It is driven from here then, over the connections, since only here is it known how far the
 * others are; each target still has its journal, with every step timed on its own clock.
 */
export function runLockstep(request: RunRequest): Promise<RunDocument> {
  const together = new Barrier(request.targets.map(({ name }) => name));
  const steps = (request.settings.scenario?.steps ?? []) as readonly Step[];
  const ofTrials: TrialSteps = { name: 'scenario', stepsOf: () => steps, together };
  return run({
    ...request,
    settings: { ...request.settings, mode: 'interactive' },
    // Who waits for its turn to connect would be waited for by those who did.
    parallel: Math.max(request.parallel, request.targets.length),
    driver: (seat) => new StepsDriver(seat, ofTrials),
    listener: (event) => {
      if (event.kind === 'target-ended') together.leave(event.target);
      request.listener(event);
    },
  });
}
