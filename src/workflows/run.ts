import pLimit from 'p-limit';
import { newRunId } from '../results/document-folder.js';
import { createRunFolder, freshRecord, type RunDocument, type RunFolder } from '../results/run-folder.js';
import { Phases } from './phases.js';
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
  const limit = pLimit(request.parallel);
  await Promise.all(request.targets.map((target) => limit(() => runOne(target, request, results))));
  return results.finish(request.now());
}

async function runOne(
  target: RunRequest['targets'][number],
  request: RunRequest,
  results: RunFolder,
): Promise<void> {
  const phases = new Phases(target.name, request.listener);
  await new TargetRun(target, request, results, phases).run();
  request.listener({ kind: 'target-ended', target: target.name, record: results.recordOf(target.name) });
}
