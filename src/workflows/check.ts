import type { ErrorReport, Facts, OutcomeKind, Readiness, Target } from '../model.js';
import { connectPhase, eachTarget } from './each-target.js';
import { describeFacts, readFacts } from './facts.js';
import { gate } from './gate.js';
import { failureOf } from './outcome.js';
import type { Phases } from './phases.js';
import type { TargetsRequest } from './run-request.js';

export interface CheckRequest extends TargetsRequest {
  readonly limitBytes: number;
}

/** What `remote check` found out about one target. */
export interface CheckRecord {
  readonly target: string;
  readonly outcome: OutcomeKind;
  readonly address: string | null;
  readonly readiness: Readiness | null;
  readonly facts: Facts | null;
  readonly error: ErrorReport | null;
}

export interface CheckDocument {
  readonly schema: 1;
  readonly targets: readonly CheckRecord[];
}

/** Reads what each target can enforce, in one round trip and without changing anything. Never rejects. */
export async function check(request: CheckRequest): Promise<CheckDocument> {
  const targets = await eachTarget(request, (target, phases) => checkOne(target, phases, request));
  return { schema: 1, targets };
}

async function checkOne(target: Target, phases: Phases, request: CheckRequest): Promise<CheckRecord> {
  let found: Pick<CheckRecord, 'address' | 'facts' | 'readiness'> = {
    address: null,
    facts: null,
    readiness: null,
  };
  try {
    const guest = await connectPhase(target, request, phases);
    found = { ...found, address: guest.address };
    const read = phases.run('facts', () => readFacts(guest, request), describeFacts);
    const facts = await read.finally(() => guest.close());
    const { readiness, refusal } = gate(facts, target.name, request.limitBytes);
    found = { ...found, facts, readiness };
    if (refusal !== null) throw refusal;
    return { target: target.name, outcome: 'completed', ...found, error: null };
  } catch (error) {
    return { target: target.name, ...found, ...failureOf(error, request.signal) };
  }
}
