import { GclabError } from '../../errors.js';
import { bootState } from '../../kernel/change/boot-state.js';
import { readLedger } from '../../kernel/change/ledger-state.js';
import { refused } from '../../kernel/change/plan/refusal.js';
import { planRevert, type Reverted, revert, runsAsItBoots } from '../../kernel/change/undo/revert.js';
import { OTHER_ENTRY } from '../../kernel/change/verify.js';
import type { Facts, Guest } from '../../model.js';
import { targetFlags } from '../../target-flags.js';
import { formatCount } from '../../units.js';
import { type ChangeContext, readOptions, stepOptions } from './context.js';
import { type Change, type Changed, carryThrough } from './frame.js';
import { describeRevert, reportRevert } from './plan-report.js';
import type { Booted } from './reboot.js';

/** Undoes all that the guest's ledger names of its boot, and reboots where the kernel runs with what is taken back. */
export async function revertGuest(guest: Guest, facts: Facts, context: ChangeContext): Promise<Changed> {
  return await carryThrough(guest, facts, () => planChange(guest, facts, context), context);
}

async function planChange(guest: Guest, facts: Facts, context: ChangeContext): Promise<Change> {
  const found = planRevert(facts, await bootState(guest, readOptions(context)));
  return {
    summary: describeRevert(found),
    shown: reportRevert(found),
    isEmpty: found.state.changes.length === 0,
    obstacle: found.refusal === null ? null : refused(guest.target.name, found.refusal),
    carryOut: async (on) => {
      const { paths, next } = await revert(on, found, stepOptions(context));
      return {
        said: `put back ${paths.join(', ')}`,
        needsReboot: !runsAsItBoots(facts.kernel.commandLine, next),
        settle: (back) => seeReverted(back, next, context),
      };
    },
  };
}

async function seeReverted(back: Booted, next: Reverted['next'], context: ChangeContext): Promise<void> {
  await context.phases.run(
    'verify',
    () => verifyReverted(back, next, context),
    () => 'the ledger is settled, and the kernel runs without the options',
  );
}

async function verifyReverted(
  { guest, facts }: Booted,
  next: Reverted['next'],
  context: ChangeContext,
): Promise<void> {
  const doing = 'verifying the revert';
  const target = guest.target.name;
  if (next !== null && !runsAsItBoots(facts.kernel.commandLine, next)) {
    const what = 'the files are as they were, and another entry was booted than theirs';
    throw new GclabError({ code: 'options-not-effective', doing, target, what, hint: OTHER_ENTRY });
  }
  const changes = await readLedger(guest, readOptions(context));
  if (changes.length === 0) return;
  const what = `the ledger still names ${formatCount(changes.length, 'change')}`;
  throw new GclabError({
    code: 'change-failed',
    doing,
    target,
    what,
    hint: `run gclab remote revert ${targetFlags(guest.target)} again`,
  });
}
