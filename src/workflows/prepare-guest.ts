import { GclabError } from '../errors.js';
import { apply } from '../kernel/apply.js';
import { bootState } from '../kernel/boot-state.js';
import { isEmpty, type Plan, plan } from '../kernel/plan.js';
import { endLeftTrials } from '../kernel/trial-boot.js';
import { verifyEffect } from '../kernel/verify.js';
import type { Facts, Guest } from '../model.js';
import {
  type ChangeContext,
  type Changed,
  confirmed,
  ended,
  mayReboot,
  readOptions,
  stepOptions,
} from './change-context.js';
import { describePlan, reportPlan } from './plan-report.js';
import { rebootAndRead } from './reboot-guest.js';
import { checkTrial, tryFirst } from './try-first.js';

/** Gives one guest the kernel options it lacks: plan, show, change, reboot, verify. Nothing is changed where nothing is needed. */
export async function prepareGuest(guest: Guest, facts: Facts, context: ChangeContext): Promise<Changed> {
  const { settings, phases } = context;
  const found = await phases.run('plan', () => planFor(guest, facts, context), describePlan);
  if (found.refusal !== null) throw refused(guest, found.refusal);
  const shown = reportPlan(found);
  if (isEmpty(found)) return await ended('nothing-to-do', guest, facts, context, shown);
  const isTrial = settings.trial && found.reboot;
  if (isTrial) checkTrial(guest, found);
  if (settings.dryRun) return await ended('planned', guest, facts, context, shown);
  await confirmed(guest, shown, context);
  await context.record('changing', shown);
  if (isTrial) return await tryFirst(guest, facts, found, shown, context);
  await phases.run(
    'change',
    async () => {
      await endLeftTrials(guest, found.state, stepOptions(context));
      await apply(guest, found, stepOptions(context));
    },
    () => 'the entry that boots next has the options',
  );
  if (!found.reboot || !mayReboot(guest, context)) {
    return await ended(found.reboot ? 'waiting-for-reboot' : 'applied', guest, facts, context, shown);
  }
  const back = await rebootAndRead(guest, facts, context);
  await phases.run(
    'verify',
    async () => verifyEffect(guest.target.name, back.facts, found.aim),
    () => 'the effect is there',
  );
  return await ended('applied', back.guest, back.facts, context, shown);
}

async function planFor(guest: Guest, facts: Facts, context: ChangeContext): Promise<Plan> {
  const state = await bootState(guest, readOptions(context));
  return plan(facts, state, context.settings.wanted);
}

function refused(guest: Guest, { what, hint }: NonNullable<Plan['refusal']>): GclabError {
  return new GclabError({
    code: 'not-ready',
    doing: 'planning the kernel options',
    target: guest.target.name,
    what,
    hint,
  });
}
