import { eachTarget } from '../../fleet/each-target.js';
import { EventLog } from '../../fleet/event-log.js';
import type { RunDocument, RunFolder } from '../../results/run-folder.js';
import type { RunRequest } from './request.js';
import { RunTarget } from './target/run-target.js';

/** Works on a run's targets side by side, keeps what happens, and finishes the run's folder. Never rejects. */
export async function goThrough(
  request: RunRequest,
  results: RunFolder,
  begins: 'run-started' | 'run-resumed',
  work: (one: RunTarget) => Promise<void>,
): Promise<RunDocument> {
  const about = { run: results.document.run.id, gclab: request.version } as const;
  const log = new EventLog((file, line) => results.append(file, line), request.now);
  const told = { ...request, listener: log.before(request.listener) };
  log.add({ kind: begins, ...about });
  await eachTarget(told, results, (share) => work(new RunTarget(share, told, results)));
  log.add({ kind: 'run-finished', ...about });
  return await results.finish(request.now());
}
