import { connectPhase } from '../fleet/connect.js';
import { eachTarget, recordsInMemory, type Share } from '../fleet/each-target.js';
import type { Ended } from '../fleet/outcome.js';
import type { TargetsRequest } from '../fleet/request.js';
import type { Facts, Readiness, Target } from '../model.js';
import { describeFacts, readFacts } from './facts.js';
import { gate } from './gate.js';

export interface CheckRequest extends TargetsRequest {
  readonly limitBytes: number;
}

/** What `remote check` found out about one target. */
export interface CheckRecord extends Target, Ended {
  readonly address: string | null;
  readonly readiness: Readiness | null;
  readonly facts: Facts | null;
}

export interface CheckDocument {
  readonly schema: 1;
  readonly targets: readonly CheckRecord[];
}

/** Reads what each target can enforce, in one round trip and without changing anything. Never rejects. */
export async function check(request: CheckRequest): Promise<CheckDocument> {
  const records = recordsInMemory(request.targets, freshRecord);
  return { schema: 1, targets: await eachTarget(request, records, (share) => checkOne(share, request)) };
}

function freshRecord(target: Target): CheckRecord {
  return { ...target, outcome: null, address: null, readiness: null, facts: null, error: null };
}

async function checkOne({ target, phases, learn }: Share<CheckRecord>, request: CheckRequest): Promise<void> {
  const guest = await connectPhase(target, request, phases);
  try {
    await learn({ ssh: guest.target.ssh, address: guest.address });
    const facts = await phases.run('facts', () => readFacts(guest, request), describeFacts);
    const { readiness, refusal } = gate(facts, target.name, request.limitBytes);
    await learn({ facts, readiness });
    if (refusal !== null) throw refusal;
  } finally {
    await guest.close();
  }
}
