import { z } from 'zod';
import type { Guest } from '../model.js';
import { unreadable } from './answer.js';
import type { StepOptions } from './boot-state.js';
import { type KernelChange, openChanges } from './ledger.js';
import { runStep } from './step.js';

const ledgerAnswer = z.strictObject({
  result: z.array(z.string()).max(1),
  ledger: z.array(z.string().max(5_000)).max(200).default([]),
});

/** What gclab changed on the guest and did not undo, the first first: the one part of `bootState` that is quick to read. */
export async function readLedger(guest: Guest, options: StepOptions): Promise<readonly KernelChange[]> {
  const step = await runStep(guest, { name: 'ledger', doing: 'reading the ledger', ...options });
  const read = ledgerAnswer.safeParse(Object.fromEntries(step.answer));
  if (!read.success) throw unreadable(step.remote, step.exchange, 'the answer is not of gclab', read.error);
  return openChanges(read.data.ledger);
}
