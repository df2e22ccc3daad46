import type { ErrorReport, Facts, OutcomeKind, Readiness, Target } from '../model.js';
import { type DocumentHeader, type FolderDocument, RecordFolder } from './record-folder.js';

/** How far `remote prepare` or `remote revert` got on one target. */
export type ChangeState =
  /** Not decided yet. */
  | 'unknown'
  /** There is nothing to do; the plan says why. */
  | 'nothing-to-do'
  /** What would be done was shown, and nothing was. */
  | 'planned'
  /** The guest is being changed; its ledger knows. */
  | 'changing'
  /** Everything is written; the running kernel still is the old one. */
  | 'waiting-for-reboot'
  /** Rebooted, and the effect was seen. */
  | 'applied';

/** A plan as it is shown and kept. */
export interface PlanReport {
  readonly reasons: readonly string[];
  readonly notes: readonly string[];
  /** Who is logged in there, as `ada (pts/0)`. */
  readonly loggedIn: readonly string[];
  /** The packages whose update waits for a reboot as well; null where none waits, empty where they are not named. */
  readonly rebootRequired: readonly string[] | null;
  readonly edits: readonly { readonly path: string; readonly why: string; readonly diff: string }[];
  /** Commands that run on the guest, in order. */
  readonly commands: readonly string[];
  readonly reboot: boolean;
}

export interface ChangeRecord extends Target {
  readonly outcome: OutcomeKind | null;
  readonly state: ChangeState;
  readonly plan: PlanReport | null;
  /** Reboots that were waited for, in milliseconds each. */
  readonly rebootMs: readonly number[];
  readonly readiness: Readiness | null;
  readonly facts: Facts | null;
  readonly error: ErrorReport | null;
}

/** What `change.json` holds and `--json` prints. */
export interface ChangeDocument extends FolderDocument<ChangeRecord> {
  readonly schema: 1;
  readonly gclab: string;
  readonly action: 'prepare' | 'revert';
  readonly run: DocumentHeader;
  readonly targets: readonly ChangeRecord[];
}

export type ChangeFolder = RecordFolder<ChangeRecord, ChangeDocument>;

/** Makes the folder that knows of a change before the guest does, or rejects with `results-not-writable`. */
export function createChangeFolder(
  where: { readonly out: string; readonly id: string; readonly now: Date },
  document: Omit<ChangeDocument, 'run'>,
): Promise<ChangeFolder> {
  const kind = { fileName: 'change.json', stored: (record: ChangeRecord) => record };
  return RecordFolder.create<ChangeRecord, ChangeDocument>(kind, where, document);
}
