import type { GuestFolder } from '../experiment/guest-folder.js';
import type { JournalLine } from '../experiment/journal.js';
import type { Guest, Settings, Trial } from '../model.js';
import type { Phases } from './phases.js';

/** What a driver has to do with: one target of an interactive run. */
export interface Seat {
  readonly target: string;
  readonly settings: Settings;
  readonly phases: Phases;
  /** The connection there is at the moment: a later one after the line dropped. */
  readonly guest: () => Guest;
  /** Where gcexp lies on the guest. */
  readonly folder: () => GuestFolder;
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
  /** Aborts, with the error as its reason, when it cannot go on: the run has to stop then. */
  readonly failed: AbortSignal;
  /** The trials, as far as the driver knows better than the journal. */
  qualify(trials: readonly Trial[]): readonly Trial[];
  /** No more requests; resolves once none is under way. */
  close(): Promise<void>;
}

export type DriverFactory = (seat: Seat) => Driver;
