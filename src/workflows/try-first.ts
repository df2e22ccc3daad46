import { apply } from '../kernel/apply.js';
import { type BootState, bootState } from '../kernel/boot-state.js';
import type { Plan } from '../kernel/plan.js';
import {
  endLeftTrials,
  endTrial,
  isTrialBoot,
  leftTrials,
  notOffered,
  setTrial,
  type Trial,
  trialFailed,
  trialId,
  trialObstacle,
} from '../kernel/trial-boot.js';
import { verifyEffect } from '../kernel/verify.js';
import type { Facts, Guest } from '../model.js';
import type { PlanReport } from '../results/change-folder.js';
import { type ChangeContext, type Changed, ended, readOptions, stepOptions } from './change-context.js';
import { rebootAndRead } from './reboot-guest.js';

/** Rejects with `not-ready` where no trial can be offered; asked before anybody is asked to agree to one. */
export function checkTrial(guest: Guest, { state }: Plan): void {
  const isSelf = guest.target.kind === 'local';
  const obstacle = isSelf
    ? 'gclab runs on this machine itself, and does not reboot it'
    : trialObstacle(state);
  if (obstacle !== null) throw notOffered(guest, obstacle);
}

/** A one-time entry first. Its end, good or bad, takes the entry away again. */
export async function tryFirst(
  guest: Guest,
  facts: Facts,
  found: Plan,
  shown: PlanReport,
  context: ChangeContext,
): Promise<Changed> {
  const { phases } = context;
  const options = { ...stepOptions(context), id: trialId(context.id) };
  const trial = await phases.run(
    'change',
    async () => setTrial(guest, await cleared(guest, found.state, context), found.aim, options),
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

/** The state without what an earlier trial left. */
async function cleared(guest: Guest, state: BootState, context: ChangeContext): Promise<BootState> {
  if (leftTrials(state).length === 0) return state;
  await endLeftTrials(guest, state, stepOptions(context));
  return await bootState(guest, readOptions(context));
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
