import { newRunId } from '../results/document-folder.js';
import { createRunFolder, freshRecord, type RunDocument, type RunFolder } from '../results/run-folder.js';
import { eachTarget } from './each-target.js';
import type { RunRequest } from './run-request.js';
import { TargetRun } from './run-target.js';

/**
 * Runs the experiment on every target side by side and gives the run's document, outcomes in the targets' order. Rejects only
 * where no run could begin (`results-not-writable`): what goes wrong on a target is that target's outcome.
 */
export async function run(request: RunRequest): Promise<RunDocument> {
  const now = request.now();
  const results = await createRunFolder(
    { out: request.out, id: newRunId(now), now },
    {
      schema: 1,
      gclab: request.version,
      settings: request.settings,
      targets: request.targets.map(freshRecord),
    },
  );
  await eachTargetRun(request, results, (one) => one.run());
  return results.finish(request.now());
}

/** Work on the run of each target, told when it has ended. */
export async function eachTargetRun(
  request: RunRequest,
  results: RunFolder,
  work: (one: TargetRun) => Promise<void>,
): Promise<void> {
  await eachTarget(request, async (target, phases) => {
    await work(new TargetRun(target, request, results, phases));
    request.listener({ kind: 'target-ended', target: target.name, record: results.recordOf(target.name) });
  });
}
