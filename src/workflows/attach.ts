import pLimit from 'p-limit';
import type { Target } from '../model.js';
import {
  type RunDocument,
  type RunFolder,
  resumeRunFolder,
  type TargetRecord,
} from '../results/run-folder.js';
import { LeftDriver } from './left-driver.js';
import { Phases } from './phases.js';
import type { RunRequest } from './run-request.js';
import { TargetRun } from './run-target.js';

export type AttachRequest = Omit<RunRequest, 'targets' | 'settings' | 'out' | 'expect' | 'guestDir'> & {
  readonly document: RunDocument;
  /** Targets to collect from; all that left something there where this is empty. */
  readonly targets: readonly Target[];
};

/** Whether something of this target's run is still on the guest. */
export function isLeftBehind(record: TargetRecord): boolean {
  return record.guest?.left === true;
}

/** Steps that the guest does not do by itself; `goesOn`: somebody takes their place who sees how far a session was. */
function isLeftUndriven({ settings }: RunDocument, goesOn: boolean): boolean {
  return settings.mode === 'interactive' && (settings.scenario !== undefined || !goesOn);
}

/**
 * Goes on following what an earlier run left behind, from the offsets it has, to a verdict and a clean guest. Rejects only with
 * `run-followed`, where another gclab is still at it.
 */
export async function attach(request: AttachRequest): Promise<RunDocument> {
  const { document } = request;
  const results = await resumeRunFolder(document);
  const full: RunRequest = {
    ...request,
    settings: document.settings,
    out: document.run.dir,
    expect: undefined,
    guestDir: undefined,
    ...(isLeftUndriven(document, request.driver !== undefined)
      ? { driver: (seat) => new LeftDriver(seat) }
      : {}),
  };
  const limit = pLimit(request.parallel);
  await Promise.all(request.targets.map((target) => limit(() => attachOne(target, full, results))));
  return await results.finish(request.now());
}

async function attachOne(target: Target, request: RunRequest, results: RunFolder): Promise<void> {
  const phases = new Phases(target.name, request.listener);
  await new TargetRun(target, request, results, phases).attach();
  request.listener({ kind: 'target-ended', target: target.name, record: results.recordOf(target.name) });
}
