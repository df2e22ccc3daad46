import type { Target } from '../model.js';
import { findRun } from '../results/find-run.js';
import {
  isFollowed,
  type RunDocument,
  refuseFollowed,
  resumeRunFolder,
  type TargetRecord,
} from '../results/run-folder.js';
import { LeftDriver } from './left-driver.js';
import { eachTargetRun } from './run.js';
import type { RunRequest } from './run-request.js';

export type AttachRequest = Omit<RunRequest, 'targets' | 'settings' | 'out' | 'expect' | 'guestDir'> & {
  readonly document: RunDocument;
  /** Targets to collect from; all that left something there where this is empty. */
  readonly targets: readonly Target[];
};

/** Whether something of this target's run is still on the guest. */
export function isLeftBehind(record: TargetRecord): boolean {
  return record.guest?.left === true;
}

/**
 * The newest run below `out` that left something behind on a target that `isWanted`; undefined where none did. Rejects with
 * `run-followed` where all such runs have another gclab still at them.
 */
export async function findLeftRun(
  out: string,
  isWanted: (record: TargetRecord, document: RunDocument) => boolean,
): Promise<RunDocument | undefined> {
  let followed: RunDocument | undefined;
  const found = await findRun(out, (document) => {
    if (!document.targets.some((record) => isLeftBehind(record) && isWanted(record, document))) return false;
    if (!isFollowed(document)) return true;
    followed ??= document;
    return false;
  });
  if (found === undefined && followed !== undefined) refuseFollowed(followed);
  return found;
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
  await eachTargetRun(full, results, (one) => one.attach());
  return await results.finish(request.now());
}
