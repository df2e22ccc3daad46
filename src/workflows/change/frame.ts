import type { GclabError } from '../../errors.js';
import type { Facts, Guest } from '../../model.js';
import type { ChangeState, PlanReport } from '../../results/change-folder.js';
import { type ChangeContext, confirmed, mayReboot } from './context.js';
import { type Booted, rebootAndRead } from './reboot.js';

/** What would be done to one guest, decided and not begun. `prepare`, its trial and `revert` differ in this alone. */
export interface Change {
  /** In one line, for progress. */
  readonly summary: string;
  readonly shown: PlanReport;
  /** Nothing is to be done; the reasons in `shown` say why. */
  readonly isEmpty: boolean;
  /** Why it is not carried out, known before anybody is asked; null where it may be. */
  readonly obstacle: GclabError | null;
  /** Does what can be done before a reboot. The ledger on the guest knows first. */
  carryOut(guest: Guest): Promise<CarriedOut>;
}

export interface CarriedOut {
  /** In one line, for progress. */
  readonly said: string;
  readonly needsReboot: boolean;
  /** Sees the effect, and does what is only safe now. Called once, after the reboot where one was needed. */
  settle(back: Booted): Promise<void>;
}

/** Plan, show, ask, change, reboot, settle: how every change of a guest goes. Gives the facts of the end. */
export async function carryThrough(
  guest: Guest,
  facts: Facts,
  plan: () => Promise<Change>,
  context: ChangeContext,
): Promise<Changed> {
  const { settings, phases } = context;
  const change = await phases.run('plan', plan, ({ summary }) => summary);
  const { shown, isEmpty, obstacle } = change;
  const end = async (state: ChangeState, last: Facts = facts): Promise<Changed> => {
    await context.record(state, shown);
    return { state, facts: last };
  };
  if (obstacle !== null) throw obstacle;
  if (isEmpty) return await end('nothing-to-do');
  if (settings.dryRun) return await end('planned');
  await confirmed(guest, shown, context);
  await context.record('changing', shown);
  const { needsReboot, settle } = await phases.run(
    'change',
    () => change.carryOut(guest),
    ({ said }) => said,
  );
  if (needsReboot && !mayReboot(guest, context)) return await end('waiting-for-reboot');
  if (shown.reboot && !needsReboot)
    phases.note('the running kernel has the options of the next boot already: no reboot is needed');
  const back = needsReboot ? await rebootAndRead(guest, facts, context) : { guest, facts };
  await settle(back);
  return await end('applied', back.facts);
}

export interface Changed {
  readonly state: ChangeState;
  readonly facts: Facts;
}
