import {
  findRuns,
  type RunHead,
  readLatestRun,
  readRun,
  type TargetHead,
  withTrials,
} from '../../results/read-run.js';
import { isFollowed, type RunDocument, refuseFollowed, resumeRunFolder } from '../../results/run-folder.js';
import { AbandonedDriver } from '../drive/abandoned-driver.js';
import { goThrough } from './go-through.js';
import type { RunRequest } from './request.js';
import { goOnWith } from './target/go-on.js';

/** `targets`: those to collect from. */
export type AttachRequest = Omit<RunRequest, 'settings' | 'out' | 'expect' | 'guestDir'> & {
  readonly document: RunDocument;
};

/** Whether something of this target's run is still on the guest. */
export function isLeftBehind(record: Pick<TargetHead, 'guest'>): boolean {
  return record.guest?.left === true;
}

/**
 * The newest run below `out` that left something behind on a target that `isWanted`; undefined where none did. Rejects with
 * `run-followed` where all such runs have another gclab still at them.
 */
export async function findLeftRun(
  out: string,
  isWanted: (record: TargetHead, head: RunHead) => boolean,
): Promise<RunDocument | undefined> {
  let followed: RunHead | undefined;
  const isLeft = async (head: RunHead): Promise<boolean> =>
    head.targets.some((record) => isLeftBehind(record) && isWanted(record, head));
  for await (const head of findRuns(out, isLeft)) {
    if (!(await isFollowed(head))) return await withTrials(head);
    followed ??= head;
  }
  if (followed !== undefined) await refuseFollowed(followed);
  return undefined;
}

/** The run that is named, by its folder or id; else the newest below `out` that left something on a target that `isWanted`, or the newest of all. */
export async function runToAttach(
  named: string | undefined,
  out: string,
  isWanted: (record: TargetHead) => boolean,
): Promise<RunDocument> {
  if (named !== undefined) return await readRun(named, out);
  return (await findLeftRun(out, isWanted)) ?? (await readLatestRun(out));
}

/** Steps that the guest does not do by itself; `goesOn`: somebody takes their place who sees how far a session was. */
function isLeftUndriven({ settings }: RunDocument, goesOn: boolean): boolean {
  return settings.mode === 'interactive' && (settings.scenario !== undefined || !goesOn);
}

/**
 * Goes on following what an earlier run left behind, from the offsets it has, to a verdict and a clean guest. Rejects only with
 * `run-followed`, where another gclab is still at it, and where its folder cannot be written.
 */
export async function attach(request: AttachRequest): Promise<RunDocument> {
  const { document, targets } = request;
  if (targets.length === 0) return document;
  const results = await resumeRunFolder(document, new Set(targets.map(({ id }) => id)));
  const full: RunRequest = {
    ...request,
    settings: document.settings,
    out: document.run.dir,
    expect: document.expect ?? undefined,
    guestDir: undefined,
    ...(isLeftUndriven(document, request.driver !== undefined)
      ? { driver: (target) => new AbandonedDriver(target) }
      : {}),
  };
  return await goThrough(full, results, 'run-resumed', goOnWith);
}
