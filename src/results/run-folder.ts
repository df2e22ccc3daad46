import { GclabError } from '../errors.js';
import type { JournalDamage } from '../journal/run-state.js';
import type { TrialCounts, TrialRow } from '../journal/trial/row.js';
import type { Verdict } from '../journal/verdict.js';
import type { ErrorReport, Facts, OutcomeKind, Privilege, Readiness, Settings, Target } from '../model.js';
import type { ChangeState, PlanReport } from './change-folder.js';
import { isOwning } from './owner.js';
import { type DocumentHeader, type FolderDocument, type FolderKind, RecordFolder } from './record-folder.js';
import { dropTrials } from './trials.js';

/** What `run.json` holds at the end and `--json` prints. Keys may be added; these stay. */
export interface RunDocument extends FolderDocument<TargetRecord> {
  readonly schema: 1;
  readonly gclab: string;
  readonly run: DocumentHeader;
  readonly controller: ControllerFacts;
  readonly settings: Settings;
  /** `--expect`; what a scenario expects is in the settings. */
  readonly expect: 'survived' | 'oom-killed' | null;
  readonly targets: readonly TargetRecord[];
}

/** What gclab ran on, and as what it was called. */
export interface ControllerFacts {
  readonly hostName: string;
  /** As Node calls them. */
  readonly platform: string;
  readonly release: string;
  readonly architecture: string;
  readonly node: string;
  /** Without the program's own name; secrets are masked. */
  readonly argv: readonly string[];
}

/** What is known of one target of a run, and how far it got: what `attach` and `clean` need. */
export interface TargetRecord extends Target {
  /** How the guest was reached: user, address, port, and the host key that it showed; null: it was not. */
  readonly address: string | null;
  /** Null: no outcome yet. */
  readonly outcome: OutcomeKind | null;
  readonly verdict: Verdict | null;
  readonly readiness: Readiness | null;
  readonly facts: Facts | null;
  /** In the folder these are lines of `trials.ndjson`. */
  readonly trials: readonly TrialRow[];
  /** How many trials were wanted, had begun, and have ended. */
  readonly counts: TrialCounts;
  /** What the journal says of the run as a whole; null where there is none yet. */
  readonly journal: JournalHead | null;
  /** `--expect`: null when nothing was expected or nothing can be said. */
  readonly expectationHeld: boolean | null;
  /** What did not hold of `--expect` and of a scenario's expectations, a sentence each. */
  readonly brokenExpectations: readonly string[];
  readonly error: ErrorReport | null;
  /** The phase under way, or the last one. */
  readonly phase: string | null;
  /** When each began and ended, in UTC by the controller's clock. */
  readonly phases: readonly PhaseTimes[];
  readonly guest: GuestPlace | null;
  /** `--prepare`: what was changed on the guest before the run; null where nothing was asked. */
  readonly preparation: { readonly state: ChangeState; readonly plan: PlanReport | null } | null;
}

/** The head of a journal, and what of it could not be read. */
export interface JournalHead extends JournalDamage {
  /** UTC, by the guest's clock. */
  readonly startedAt: string;
  /** Of the Go program. */
  readonly goVersion: string;
  readonly kernel: string;
  /** Empty where the guest has none. */
  readonly bootId: string;
  readonly cgroup: string;
}

/** The ends of a phase. */
export interface PhaseTimes {
  readonly phase: string;
  readonly startedAt: string;
  /** Both null while it goes on. */
  readonly endedAt: string | null;
  readonly ok: boolean | null;
}

/** Where on the guest the run lies. */
export interface GuestPlace {
  readonly dir: string;
  readonly gcexp: string;
  readonly privilege: Privilege;
  /** What the run is called there: of several targets two may be names of one guest. */
  readonly run: string;
  /** Whether the run's folder is still on the guest. */
  readonly left: boolean;
}

export type RunFolder = RecordFolder<TargetRecord, RunDocument>;

export const RUN_FILE = 'run.json';

const RUN_KIND: FolderKind<TargetRecord> = {
  fileName: RUN_FILE,
  stored: ({ trials: _, ...record }) => record,
};

/** Makes a run's folder, or rejects with `results-not-writable`. */
export function createRunFolder(
  where: { readonly out: string; readonly id: string; readonly now: Date },
  document: Omit<RunDocument, 'run'>,
): Promise<RunFolder> {
  return RecordFolder.create<TargetRecord, RunDocument>(RUN_KIND, where, document);
}

/** Goes on with these targets of an earlier run; `run-followed` where another gclab is still at it. */
export async function resumeRunFolder(
  document: RunDocument,
  targets: ReadonlySet<string>,
): Promise<RunFolder> {
  await refuseFollowed(document);
  await dropTrials(document.run.dir, targets);
  return await RecordFolder.resume<TargetRecord, RunDocument>(RUN_KIND, document);
}

/** Rejects with `run-followed` where another gclab is still at it. */
export async function refuseFollowed(document: Pick<RunDocument, 'run'>): Promise<void> {
  const { id, owner } = document.run;
  if (!(await isFollowed(document))) return;
  throw new GclabError({
    code: 'run-followed',
    doing: 'going on with a run',
    what: `another gclab (process ${owner?.pid} on ${owner?.hostName}) is still at ${id}`,
    hint: 'wait for it, or end it with Ctrl-C first',
  });
}

export async function isFollowed({ run }: Pick<RunDocument, 'run'>): Promise<boolean> {
  return run.owner !== null && (await isOwning(run.owner));
}

/** A target's record before anything was done. */
export function freshRecord(target: Target, wanted: number): TargetRecord {
  return {
    ...target,
    address: null,
    outcome: null,
    verdict: null,
    readiness: null,
    facts: null,
    trials: [],
    counts: { wanted, begun: 0, finished: 0 },
    journal: null,
    expectationHeld: null,
    brokenExpectations: [],
    error: null,
    phase: null,
    phases: [],
    guest: null,
    preparation: null,
  };
}
