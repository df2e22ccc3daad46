import { apply } from '../../kernel/change/apply.js';
import { bootState } from '../../kernel/change/boot-state.js';
import { isEmpty, type Plan, plan } from '../../kernel/change/plan/plan.js';
import { refused } from '../../kernel/change/plan/refusal.js';
import { endLeftTrials } from '../../kernel/change/trial-boot.js';
import type { Facts, Guest } from '../../model.js';
import { type ChangeContext, readOptions, stepOptions } from './context.js';
import { seeEffect, WRITTEN } from './effect.js';
import { type Change, type Changed, carryThrough } from './frame.js';
import { describePlan, reportPlan } from './plan-report.js';
import { trialFirst } from './trial.js';

/** Gives one guest the kernel options it lacks; by way of a trial boot where that is wanted. Nothing is changed where nothing is needed. */
export async function prepareGuest(guest: Guest, facts: Facts, context: ChangeContext): Promise<Changed> {
  return await carryThrough(guest, facts, () => planPrepare(guest, facts, context), context);
}

async function planPrepare(guest: Guest, facts: Facts, context: ChangeContext): Promise<Change> {
  const state = await bootState(guest, readOptions(context));
  const found = plan(facts, state, context.settings.wanted);
  const atOnce = prepareChange(guest, found, context);
  const isTrial = context.settings.trial && found.reboot && found.refusal === null;
  return isTrial ? trialFirst(guest, found, atOnce, context) : atOnce;
}

function prepareChange(guest: Guest, found: Plan, context: ChangeContext): Change {
  return {
    summary: describePlan(found),
    shown: reportPlan(found),
    isEmpty: isEmpty(found),
    obstacle: found.refusal === null ? null : refused(guest.target.name, found.refusal),
    carryOut: async (on) => {
      await endLeftTrials(on, found.state, stepOptions(context));
      await apply(on, found, stepOptions(context));
      return {
        said: WRITTEN,
        needsReboot: found.reboot,
        settle: (back) => seeEffect(back, found, 'the effect is there', context),
      };
    },
  };
}
