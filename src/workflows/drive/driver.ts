import type { Phases } from '../../fleet/phases.js';
import type { GuestFolder } from '../../guest/folder.js';
import type { JournalLine } from '../../journal/schema.js';
import type { TrialRow } from '../../journal/trial/row.js';
import type { Guest, Settings } from '../../model.js';

/** What is known to a driver of the target that it drives. */
export interface DrivenTarget {
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly settings: Settings;
  readonly phases: Phases;
  /** The connection there is at the moment: a later one after the line dropped. */
  readonly guest: () => Guest;
  /** Where gcexp lies on the guest. */
  readonly folder: () => GuestFolder;
  /** What to type to get a run that was left on the guest. */
  readonly hint: string;
  /** Aborts when the user wants everything to stop. */
  readonly signal: AbortSignal;
}

/** Sends the requests of an interactive run, and sees its journal while it grows. */
export interface Driver {
  /** Whether it has to see the lines, too, that an earlier controller saw. */
  readonly wantsPast: boolean;
  /** Each line, after it is on the controller's disk. */
  onLine(line: JournalLine): void;
  /** There is a connection: the first, or another after the line dropped. */
  onConnected(): void;
  /** Aborts when the run has to be stopped, with the error as its reason: it cannot go on, or nobody wants it to. */
  readonly stop: AbortSignal;
  /** Aborts when the run did not stop: nobody follows it any longer, and it stays on the guest. The reason is an error. */
  readonly leave: AbortSignal;
  /** The trials, as far as the driver knows better than the journal. */
  qualify(trials: readonly TrialRow[]): readonly TrialRow[];
  /** No more requests; resolves once none is under way. */
  close(): Promise<void>;
}

export type DriverFactory = (target: DrivenTarget) => Driver;
