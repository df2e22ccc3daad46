import pLimit from 'p-limit';
import type { ErrorReport, Facts, OutcomeKind, Readiness, Target } from '../model.js';
import { connect } from '../transport/connect.js';
import { describeFacts, readFacts } from './facts.js';
import { gate } from './gate.js';
import { outcomeOf, reportOf } from './outcome.js';
import { Phases } from './phases.js';
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
  const limit = pLimit(request.parallel);
  const targets = await Promise.all(request.targets.map((target) => limit(() => checkOne(target, request))));
  return { schema: 1, targets };
}

async function checkOne(target: Target, request: CheckRequest): Promise<CheckRecord> {
  const phases = new Phases(target.name, request.listener);
  let found: Pick<CheckRecord, 'address' | 'facts' | 'readiness'> = {
    address: null,
    facts: null,
    readiness: null,
  };
  try {
    const settings = { ...request.connect, signal: request.signal };
    const guest = await phases.run(
      'connect',
      () => connect(target, settings),
      (one) => one.address,
    );
    found = { ...found, address: guest.address };
    const read = phases.run('facts', () => readFacts(guest, request), describeFacts);
    const facts = await read.finally(() => guest.close());
    const { readiness, refusal } = gate(facts, target.name, request.limitBytes);
    found = { ...found, facts, readiness };
    const error = refusal === null ? null : reportOf(refusal);
    return {
      target: target.name,
      outcome: refusal === null ? 'completed' : outcomeOf(refusal),
      ...found,
      error,
    };
  } catch (error) {
    const outcome = request.signal.aborted ? 'interrupted' : outcomeOf(error);
    return { target: target.name, outcome, ...found, error: reportOf(error) };
  }
}
