import { stepsToDo } from '../../experiment/steps/resolve.js';
import type { Size, Step } from '../../experiment/steps/step.js';
import type { RunDocument } from '../../results/run-folder.js';
import { Barrier } from '../drive/barrier.js';
import { StepsDriver, type TrialSteps } from '../drive/steps-driver.js';
import type { RunRequest } from './request.js';
import { run } from './run.js';

/**
 * Does a scenario on all targets in step. It is driven from here then, over the connections, since only here is it known how far the
 * others are; each target still has its journal, with every step timed on its own clock.
 */
export function runLockstep(request: RunRequest): Promise<RunDocument> {
  const barrier = new Barrier(request.targets.map(({ id }) => id));
  const { scenario, limitBytes } = request.settings;
  const steps = (scenario?.steps ?? []) as readonly Step<Size>[];
  const ofTrials: TrialSteps = { name: 'scenario', stepsOf: () => stepsToDo(steps, limitBytes), barrier };
  return run({
    ...request,
    settings: { ...request.settings, mode: 'interactive' },
    // The targets that are connected would wait for one that is not yet.
    parallel: Math.max(request.parallel, request.targets.length),
    driver: (target) => new StepsDriver(target, ofTrials),
    listener: (event) => {
      if (event.kind === 'target-ended') barrier.leave(event.target);
      request.listener(event);
    },
  });
}
