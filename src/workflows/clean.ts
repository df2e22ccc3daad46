import { cleanFolder } from '../experiment/clean.js';
import { usualFolders } from '../experiment/guest-folder.js';
import type { ErrorReport, OutcomeKind, Target } from '../model.js';
import { connectPhase, eachTarget } from './each-target.js';
import { describeFacts, readFacts } from './facts.js';
import { failureOf } from './outcome.js';
import type { Phases } from './phases.js';
import type { RunRequest, TargetsRequest } from './run-request.js';

export type CleanRequest = TargetsRequest & Pick<RunRequest, 'guestDir'>;

export interface CleanRecord {
  readonly target: string;
  readonly outcome: OutcomeKind;
  readonly removed: readonly string[];
  readonly kept: readonly string[];
  readonly error: ErrorReport | null;
}

export interface CleanDocument {
  readonly schema: 1;
  readonly targets: readonly CleanRecord[];
}

/** Removes from each target what its ledgers name. Never rejects. */
export async function clean(request: CleanRequest): Promise<CleanDocument> {
  const targets = await eachTarget(request, (target, phases) => cleanOne(target, phases, request));
  return { schema: 1, targets };
}

async function cleanOne(target: Target, phases: Phases, request: CleanRequest): Promise<CleanRecord> {
  const removed: string[] = [];
  const kept: string[] = [];
  try {
    const guest = await connectPhase(target, request, phases);
    try {
      const facts = await phases.run('facts', () => readFacts(guest, request), describeFacts);
      const folders = request.guestDir === undefined ? await usualFolders(guest) : [request.guestDir];
      phases.begin('clean');
      for (const folder of folders) {
        const cleaning = await cleanFolder(guest, folder, request.signal);
        removed.push(...cleaning.removed);
        kept.push(...cleaning.kept);
      }
      phases.end(true, `${removed.length} removed, ${kept.length} kept, as ${facts.user.name}`);
    } finally {
      await guest.close();
    }
    return { target: target.name, outcome: 'completed', removed, kept, error: null };
  } catch (error) {
    return { target: target.name, removed, kept, ...failureOf(error, request.signal) };
  }
}
