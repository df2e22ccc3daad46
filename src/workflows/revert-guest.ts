import { GclabError } from '../errors.js';
import { bootState } from '../kernel/boot-state.js';
import { readLedger } from '../kernel/ledger-state.js';
import { revert } from '../kernel/revert.js';
import type { Facts, Guest } from '../model.js';
import type { PlanReport } from '../results/change-folder.js';
import {
  type ChangeContext,
  type Changed,
  confirmed,
  ended,
  readOptions,
  stepOptions,
} from './change-context.js';
import { rebootAndRead } from './reboot-guest.js';

/** Undoes what the guest's ledger names, and reboots where the running kernel still has the options. */
export async function revertGuest(guest: Guest, facts: Facts, context: ChangeContext): Promise<Changed> {
  const { settings, phases } = context;
  const state = await phases.run(
    'plan',
    () => bootState(guest, readOptions(context)),
    ({ changes }) =>
      changes.length === 0 ? 'the ledger names nothing to undo' : `${changes.length} changes to undo`,
  );
  const shown = reportRevert(state.changes);
  if (state.changes.length === 0) return await ended('nothing-to-do', guest, facts, context, shown);
  if (settings.dryRun) return await ended('planned', guest, facts, context, shown);
  await confirmed(guest, shown, context);
  await context.record('changing', shown);
  await phases.run(
    'change',
    () => revert(guest, state, stepOptions(context)),
    ({ paths }) => `put back ${paths.join(', ')}`,
  );
  if (!settings.mayReboot) return await ended('waiting-for-reboot', guest, facts, context, shown);
  const back = await rebootAndRead(guest, facts, context);
  await phases.run(
    'verify',
    () => nothingLeft(back.guest, context),
    () => 'the ledger is settled',
  );
  return await ended('applied', back.guest, back.facts, context, shown);
}

function reportRevert(changes: Awaited<ReturnType<typeof bootState>>['changes']): PlanReport {
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
    notes: [],
    edits,
    commands: reboot ? ['update-grub', 'systemctl reboot'] : [],
    reboot,
  };
}

async function nothingLeft(guest: Guest, context: ChangeContext): Promise<void> {
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
