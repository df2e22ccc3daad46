import { GclabError } from '../errors.js';
import type { Facts, Privilege, Settings, Target, TargetOutcome } from '../model.js';
import type { ChangeState, PlanReport } from './change-folder.js';
import {
  DocumentFolder,
  type DocumentHeader,
  type FolderDocument,
  type FolderRecord,
  folderNameOf,
} from './document-folder.js';
import { isKeeping } from './keeper.js';

/** What `run.json` holds and `--json` prints. Keys may be added; these stay. */
export interface RunDocument extends FolderDocument<TargetRecord> {
  readonly schema: 1;
  readonly gclab: string;
  readonly run: DocumentHeader;
  readonly settings: Settings;
  readonly targets: readonly TargetRecord[];
}

/** How far a target got, and where on the guest its run lies: what `attach` and `clean` need. */
export interface TargetRecord extends FolderRecord, Omit<TargetOutcome, 'outcome' | 'facts'> {
  /** Whether the target is a VM of `gclab vm`, so not to be found by ssh's configuration. */
  readonly vm: boolean;
  /** Null: no outcome yet. */
  readonly outcome: TargetOutcome['outcome'] | null;
  readonly facts: Facts | null;
  /** What did not hold of `--expect` and of a scenario's expectations, a sentence each. */
  readonly brokenExpectations?: readonly string[];
  readonly phase: string | null;
  readonly guest: GuestPlace | null;
  /** `--prepare`: what was changed on the guest before the run; null where nothing was asked. */
  readonly preparation: { readonly state: ChangeState; readonly plan: PlanReport | null } | null;
}

export interface GuestPlace {
  readonly dir: string;
  readonly gcexp: string;
  readonly privilege: Privilege;
  /** Whether the run's folder is still on the guest. */
  readonly left: boolean;
}

export type RunFolder = DocumentFolder<TargetRecord, RunDocument>;

const RUN_FILE = 'run.json';

/** Makes a run's folder, or rejects with `results-not-writable`. */
export function createRunFolder(
  where: { readonly out: string; readonly id: string; readonly now: Date },
  document: Omit<RunDocument, 'run'>,
): Promise<RunFolder> {
  return DocumentFolder.create<TargetRecord, RunDocument>({ ...where, fileName: RUN_FILE }, document);
}

/** Goes on with the folder of an earlier run; `run-followed` where another gclab is still at it. */
export async function resumeRunFolder(document: RunDocument): Promise<RunFolder> {
  refuseFollowed(document);
  return await DocumentFolder.resume<TargetRecord, RunDocument>(document, RUN_FILE);
}

/** Throws `run-followed` where another gclab is still at it: its files would get each line twice. */
export function refuseFollowed(document: RunDocument): void {
  const { id, keeper } = document.run;
  if (!isFollowed(document)) return;
  throw new GclabError({
    code: 'run-followed',
    doing: 'going on with a run',
    what: `another gclab (process ${keeper?.pid}) is still at ${id}`,
    hint: 'wait for it, or end it with Ctrl-C first',
  });
}

export function isFollowed({ run }: RunDocument): boolean {
  return run.keeper !== null && isKeeping(run.keeper);
}

/** What the run is called on a target's guest: of several targets two may be names of one guest. */
export function nameOnGuest({ run, targets }: RunDocument, target: string): string {
  if (targets.length === 1) return run.id;
  return `${run.id}-${targets.findIndex((record) => record.target === target) + 1}`;
}

/** A target's record before anything was done. */
export function freshRecord(target: Target): TargetRecord {
  return {
    target: target.name,
    vm: target.sshConfigFile !== undefined,
    outcome: null,
    verdict: null,
    readiness: null,
    facts: null,
    trials: [],
    expectationHeld: null,
    error: null,
    phase: null,
    folder: folderNameOf(target.name),
    guest: null,
    preparation: null,
  };
}
