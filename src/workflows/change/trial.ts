import { apply } from '../../kernel/change/apply.js';
import type { Plan } from '../../kernel/change/plan/plan.js';
import {
  endLeftTrials,
  endTrial,
  isTrialBoot,
  notOffered,
  planTrial,
  setTrial,
  type Trial,
  trialFailed,
  trialObstacle,
} from '../../kernel/change/trial-boot.js';
import type { Guest } from '../../model.js';
import type { PlanReport } from '../../results/change-folder.js';
import { type ChangeContext, stepOptions } from './context.js';
import { seeEffect, WRITTEN } from './effect.js';
import type { Change } from './frame.js';
import { reportEdit } from './plan-report.js';
import type { Booted } from './reboot.js';

const SELF = 'gclab runs on this machine itself, and does not reboot it';

/** The same change with a boot before it that only tries the options; the default is changed once their effect was seen. */
export function trialFirst(guest: Guest, found: Plan, atOnce: Change, context: ChangeContext): Change {
  const isSelf = guest.target.source.kind === 'local';
  const why = isSelf ? SELF : trialObstacle(found.state);
  if (why !== null) return { ...atOnce, obstacle: notOffered(guest.target.name, why) };
  const trial = planTrial(found.state, found.aim, context.id);
  return {
    ...atOnce,
    summary: `a trial boot; then ${atOnce.summary}`,
    shown: reportTrial(atOnce.shown, trial),
    carryOut: async (on) => {
      await endLeftTrials(on, found.state, stepOptions(context));
      await setTrial(on, trial, stepOptions(context));
      return {
        said: 'the next boot, and only that, is a trial',
        needsReboot: true,
        settle: (back) => settleTrial(back, trial, found, context),
      };
    },
  };
}

function reportTrial(shown: PlanReport, { edit }: Trial): PlanReport {
  const note = 'the trial boot comes first; what is there for good is changed only after its effect was seen';
  return {
    ...shown,
    notes: [...shown.notes, note],
    edits: [reportEdit(edit), ...shown.edits],
    commands: [
      'grub-reboot gclab-trial',
      'systemctl reboot',
      ...shown.commands.filter((one) => one !== 'systemctl reboot'),
    ],
  };
}

/** Good or bad, the end of a trial takes its entry away. */
async function settleTrial(back: Booted, trial: Trial, found: Plan, context: ChangeContext): Promise<void> {
  try {
    if (!isTrialBoot(back.facts, trial)) throw trialFailed(back.guest);
    await seeEffect(back, found, 'the trial boot shows the effect', context);
    await context.phases.run(
      'change',
      () => apply(back.guest, found, stepOptions(context)),
      () => WRITTEN,
    );
  } finally {
    await endTrial(back.guest, trial, stepOptions(context));
  }
}
