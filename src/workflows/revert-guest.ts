import { GclabError } from '../errors.js';
import { type BootState, bootState } from '../kernel/boot-state.js';
import { readLedger } from '../kernel/ledger-state.js';
import { loggedIn, planNotes } from '../kernel/plan-notes.js';
import { hasGrub, type Reverted, revert, runsAsItBoots } from '../kernel/revert.js';
import { OTHER_ENTRY } from '../kernel/verify.js';
import type { Facts, Guest } from '../model.js';
import type { PlanReport } from '../results/change-folder.js';
import {
  type ChangeContext,
  type Changed,
  confirmed,
  ended,
  mayReboot,
  readOptions,
  stepOptions,
} from './change-context.js';
import { rebootAndRead } from './reboot-guest.js';

/** Undoes what the guest's ledger names, and reboots where the running kernel has other options than it would boot with then. */
export async function revertGuest(guest: Guest, facts: Facts, context: ChangeContext): Promise<Changed> {
  const { settings, phases } = context;
  const state = await phases.run(
    'plan',
    () => bootState(guest, readOptions(context)),
    ({ changes }) =>
      changes.length === 0 ? 'the ledger names nothing to undo' : `${changes.length} changes to undo`,
  );
  const shown = reportRevert(state);
  if (state.changes.length === 0) return await ended('nothing-to-do', guest, facts, context, shown);
  if (settings.dryRun) return await ended('planned', guest, facts, context, shown);
  await confirmed(guest, shown, context);
  await context.record('changing', shown);
  const { next } = await phases.run(
    'change',
    () => revert(guest, state, stepOptions(context)),
    ({ paths }) => `put back ${paths.join(', ')}`,
  );
  const isBooted = runsAsItBoots(facts.kernel.commandLine, next);
  if (!isBooted && !mayReboot(guest, context)) {
    return await ended('waiting-for-reboot', guest, facts, context, shown);
  }
  if (isBooted) phases.note('the running kernel is without the options already: no reboot is needed');
  const back = isBooted ? { guest, facts } : await rebootAndRead(guest, facts, context);
  await phases.run(
    'verify',
    () => verifyReverted(back, next, context),
    () => 'the ledger is settled, and the kernel runs without the options',
  );
  return await ended('applied', back.guest, back.facts, context, shown);
}

function reportRevert(state: BootState): PlanReport {
  const { changes } = state;
  const edits = changes.toReversed().flatMap(({ id, at, files }) =>
    files.map(({ path, before }) => ({
      path,
      why: `changed by ${id} at ${at}`,
      diff:
        before === null
          ? `${path}: to be removed, it was not there before\n`
          : `${path}: to be put back, byte for byte\n`,
    })),
  );
  const reboot = changes.length > 0;
  return {
    reasons: [],
    notes: reboot ? planNotes(state) : [],
    loggedIn: loggedIn(state),
    rebootRequired: state.rebootRequired,
    edits,
    commands: [...(reboot && hasGrub(state) ? ['update-grub'] : []), ...(reboot ? ['systemctl reboot'] : [])],
    reboot,
  };
}

async function verifyReverted(
  { guest, facts }: { readonly guest: Guest; readonly facts: Facts },
  next: Reverted['next'],
  context: ChangeContext,
): Promise<void> {
  if (next !== null && !runsAsItBoots(facts.kernel.commandLine, next)) {
    throw new GclabError({
      code: 'options-not-effective',
      doing: 'verifying the revert',
      target: guest.target.name,
      what: 'the files are as they were, and another entry was booted than theirs',
      hint: OTHER_ENTRY,
    });
  }
  const changes = await readLedger(guest, readOptions(context));
  if (changes.length === 0) return;
  throw new GclabError({
    code: 'change-failed',
    doing: 'verifying the revert',
    target: guest.target.name,
    what: `the ledger still names ${changes.length} changes`,
    hint: 'run gclab remote revert again',
  });
}
