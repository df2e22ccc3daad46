import { newRunId } from '../../results/record-folder.js';
import { createRunFolder, freshRecord, type RunDocument } from '../../results/run-folder.js';
import { goThrough } from './go-through.js';
import type { RunRequest } from './request.js';
import { startRun } from './target/start.js';

/**
 * Runs the experiment on every target side by side and gives the run's document, outcomes in the targets' order. Rejects only
 * where no run could begin (`results-not-writable`): what goes wrong on a target is that target's outcome.
 */
export async function run(request: RunRequest): Promise<RunDocument> {
  const now = request.now();
  const { version, controller, settings, expect, targets } = request;
  const results = await createRunFolder(
    { out: request.out, id: newRunId(now), now },
    {
      schema: 1,
      gclab: version,
      controller,
      settings,
      expect: expect ?? null,
      targets: targets.map((target) => freshRecord(target, settings.trials)),
    },
  );
  return await goThrough(request, results, 'run-started', startRun);
}
