import { connectPhase } from '../fleet/connect.js';
import { eachTarget, recordsInMemory, type Share } from '../fleet/each-target.js';
import type { Ended } from '../fleet/outcome.js';
import type { DeployRequest, TargetsRequest } from '../fleet/request.js';
import { cleanFolder } from '../guest/clean.js';
import { usualFolders } from '../guest/folder.js';
import type { Target } from '../model.js';
import { describeFacts, readFacts } from './facts.js';

export type CleanRequest = TargetsRequest & Pick<DeployRequest, 'guestDir'>;

export interface CleanRecord extends Target, Ended {
  readonly removed: readonly string[];
  readonly kept: readonly string[];
}

export interface CleanDocument {
  readonly schema: 1;
  readonly targets: readonly CleanRecord[];
}

/** Removes from each target what its ledgers name. Never rejects. */
export async function clean(request: CleanRequest): Promise<CleanDocument> {
  const records = recordsInMemory(request.targets, freshRecord);
  return { schema: 1, targets: await eachTarget(request, records, (share) => cleanOne(share, request)) };
}

function freshRecord(target: Target): CleanRecord {
  return { ...target, outcome: null, removed: [], kept: [], error: null };
}

async function cleanOne({ target, phases, learn }: Share<CleanRecord>, request: CleanRequest): Promise<void> {
  const removed: string[] = [];
  const kept: string[] = [];
  const guest = await connectPhase(target, request, phases);
  try {
    const facts = await phases.run('facts', () => readFacts(guest, request), describeFacts);
    const folders = request.guestDir === undefined ? await usualFolders(guest) : [request.guestDir];
    const cleanAll = async (): Promise<void> => {
      for (const folder of folders) {
        const cleaning = await cleanFolder(guest, folder, request.signal);
        removed.push(...cleaning.removed);
        kept.push(...cleaning.kept);
        await learn({ removed, kept });
      }
    };
    const describe = (): string => `${removed.length} removed, ${kept.length} kept, as ${facts.user.name}`;
    await phases.run('clean', cleanAll, describe);
  } finally {
    await guest.close();
  }
}
