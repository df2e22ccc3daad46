import { GclabError } from '../errors.js';
import { apply } from '../kernel/apply.js';
import { bootState } from '../kernel/boot-state.js';
import { isEmpty, type Plan, plan } from '../kernel/plan.js';
import { reboot } from '../kernel/reboot.js';
import { revert } from '../kernel/revert.js';
import { endTrial, isTrialBoot, setTrial, type Trial, trialFailed } from '../kernel/trial-boot.js';
import { verifyEffect } from '../kernel/verify.js';
import type { Facts, Guest } from '../model.js';
import type { ChangeState, PlanReport } from '../results/change-folder.js';
import { formatDuration } from '../units.js';
import type { ChangeSettings } from './change-settings.js';
import { readFacts } from './facts.js';
import type { Phases } from './phases.js';
import { describePlan, reportPlan } from './plan-report.js';
import type { RunRequest } from './run-request.js';

type Reading = Pick<
  RunRequest,
  'askSudoPassword' | 'connect' | 'sudoPasswords' | 'probeTimeoutMs' | 'signal'
>;

export interface ChangeContext {
  readonly settings: ChangeSettings;
  readonly request: Reading;
  readonly phases: Phases;
  /** Names the change in the guest's ledger. */
  readonly id: string;
  /** A fresh connection, not privileged yet. */
  readonly dial: (signal: AbortSignal) => Promise<Guest>;
  /** Told before the guest is changed, and at each step after: the controller's side of the ledger. */
  readonly record: (state: ChangeState, shown: PlanReport | null) => Promise<void>;
  readonly rebooted: (durationMs: number) => void;
}

export interface Changed {
  readonly state: ChangeState;
  /** Another connection than before where the guest was rebooted. */
  readonly guest: Guest;
  readonly facts: Facts;
}

/** Gives one guest the kernel options it lacks: plan, show, change, reboot, verify. Nothing is changed where nothing is needed. */
export async function prepareGuest(guest: Guest, facts: Facts, context: ChangeContext): Promise<Changed> {
  const { settings, phases } = context;
  const found = await phases.run('plan', () => planFor(guest, facts, context), describePlan);
  if (found.refusal !== null) throw refused(guest, found.refusal);
  const shown = reportPlan(found);
  if (isEmpty(found)) return await ended('nothing-to-do', guest, facts, context, shown);
  if (settings.dryRun) return await ended('planned', guest, facts, context, shown);
  await confirmed(guest, shown, context);
  await context.record('changing', shown);
  if (settings.trial) return await tryFirst(guest, found, shown, context);
  await phases.run(
    'change',
    () => apply(guest, found, stepOptions(context)),
    () => 'the entry that boots next has the options',
  );
  if (!found.reboot || !settings.mayReboot) {
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

async function planFor(guest: Guest, facts: Facts, context: ChangeContext): Promise<Plan> {
  const state = await bootState(guest, readOptions(context));
  return plan(facts, state, context.settings.wanted);
}

/** A one-time entry first. Its end, good or bad, takes the entry away again. */
async function tryFirst(
  guest: Guest,
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
  const before = await readFacts(guest, context.request);
  const back = await rebootAndRead(guest, before, context);
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
  { guest }: Changed | { readonly guest: Guest },
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

async function rebootAndRead(
  guest: Guest,
  facts: Facts,
  context: ChangeContext,
): Promise<{ readonly guest: Guest; readonly facts: Facts }> {
  const { settings, phases, request } = context;
  const { privilege } = guest;
  const password = request.sudoPasswords.get(guest.target.name);
  const back = await phases.run(
    'reboot',
    () =>
      reboot(guest, {
        reconnect: async (signal) => {
          const fresh = await context.dial(signal);
          fresh.setPrivilege(privilege, password);
          return fresh;
        },
        oldBootId: facts.kernel.bootId ?? '',
        timeoutMs: settings.rebootTimeoutMs,
        signal: request.signal,
        onPhase: (phase, elapsedMs) =>
          phases.progress(`${phase}, ${formatDuration(elapsedMs)} since the reboot began`),
      }),
    ({ durationMs }) => `back with another boot id after ${formatDuration(durationMs)}`,
  );
  context.rebooted(back.durationMs);
  return { guest: back.guest, facts: await readFacts(back.guest, request) };
}

async function nothingLeft(guest: Guest, context: ChangeContext): Promise<void> {
  const { changes } = await bootState(guest, readOptions(context));
  if (changes.length === 0) return;
  throw new GclabError({
    code: 'change-failed',
    doing: 'verifying the revert',
    target: guest.target.name,
    what: `the ledger still names ${changes.length} changes`,
    hint: 'run gclab remote revert again',
  });
}

async function confirmed(guest: Guest, shown: PlanReport, { settings }: ChangeContext): Promise<void> {
  if (await settings.confirm(guest.target.name, shown)) return;
  throw new GclabError({
    code: 'not-confirmed',
    doing: 'changing the kernel options',
    target: guest.target.name,
    what: 'nobody said yes, so nothing was changed',
    hint: 'look at it with --dry-run, and agree with --yes',
  });
}

async function ended(
  state: ChangeState,
  guest: Guest,
  facts: Facts,
  context: ChangeContext,
  shown: PlanReport,
): Promise<Changed> {
  await context.record(state, shown);
  return { state, guest, facts };
}

function readOptions({ settings, request }: ChangeContext): { timeoutMs: number; signal: AbortSignal } {
  return { timeoutMs: settings.stepTimeoutMs, signal: request.signal };
}

/** A step on the guest goes on to its end even when we stop waiting, so it is not given the signal. */
function stepOptions({ settings, id }: ChangeContext): { id: string; timeoutMs: number; dpkgWaitMs: number } {
  return { id, timeoutMs: settings.stepTimeoutMs + settings.dpkgWaitMs, dpkgWaitMs: settings.dpkgWaitMs };
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
