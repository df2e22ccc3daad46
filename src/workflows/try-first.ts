import { apply } from '../kernel/apply.js';
import type { Plan } from '../kernel/plan.js';
import { endTrial, isTrialBoot, setTrial, type Trial, trialFailed } from '../kernel/trial-boot.js';
import { verifyEffect } from '../kernel/verify.js';
import type { Facts, Guest } from '../model.js';
import type { PlanReport } from '../results/change-folder.js';
import { type ChangeContext, type Changed, ended, stepOptions } from './change-context.js';
import { rebootAndRead } from './reboot-guest.js';

/** A one-time entry first. Its end, good or bad, takes the entry away again. */
export async function tryFirst(
  guest: Guest,
  facts: Facts,
  found: Plan,
  shown: PlanReport,
  context: ChangeContext,
): Promise<Changed> {
  const { phases } = context;
  const options = { ...stepOptions(context), id: `${context.id}-trial` };
  const trial = await phases.run(
    'change',
    () => setTrial(guest, found.state, found.aim, options),
    () => 'the next boot, and only that, is a trial',
  );
  const back = await rebootAndRead(guest, facts, context);
  await endingTrial(back, trial, options, async () => {
    if (!isTrialBoot(back.facts, trial)) throw trialFailed(back.guest);
    await phases.run(
      'verify',
      async () => verifyEffect(guest.target.name, back.facts, found.aim),
      () => 'the trial boot shows the effect',
    );
    await phases.run(
      'change',
      () => apply(back.guest, found, stepOptions(context)),
      () => 'the entry that boots next has the options',
    );
  });
  return await ended('applied', back.guest, back.facts, context, shown);
}

async function endingTrial(
  { guest }: { readonly guest: Guest },
  trial: Trial,
  options: ReturnType<typeof stepOptions>,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } finally {
    await endTrial(guest, trial, options);
  }
}
