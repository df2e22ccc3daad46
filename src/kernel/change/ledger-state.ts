import { many } from '../../guest/answer.js';
import { type KernelChange, openLedgerLine } from '../../guest/ledger.js';
import type { Guest } from '../../model.js';
import * as z from '../../zod.js';
import type { StepOptions } from './boot-state.js';
import { runStep } from './step.js';

const ledgerAnswer = z.strictObject({ ledger: many(openLedgerLine, 200) });

/** What gclab changed on the guest and did not undo, the first first: the one part of `bootState` that is quick to read. */
export async function readLedger(guest: Guest, options: StepOptions): Promise<readonly KernelChange[]> {
  const answer = await runStep(guest, { name: 'ledger-state', doing: 'reading the ledger', ...options });
  return answer.read(ledgerAnswer).ledger.filter((change) => change !== null);
}
