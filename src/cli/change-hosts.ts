import { BOTH_OPTIONS } from '../kernel/plan.js';
import type { Target } from '../model.js';
import type { ChangeDocument, PlanReport } from '../results/change-folder.js';
import { change } from '../workflows/change.js';
import type { ChangeSettings } from '../workflows/change-settings.js';
import { exitCodeOfReport, highest } from '../workflows/outcome.js';
import type { BaseCommand } from './base-command.js';
import { showChange, showPlan } from './show-change.js';
import { type ConnectFlags, surroundings } from './surroundings.js';

interface ChangeChoices {
  readonly 'dry-run': boolean;
  readonly yes: boolean;
  readonly reboot: boolean;
  readonly 'reboot-timeout': number;
  readonly force: boolean;
  readonly editDefaultGrub: boolean;
  readonly trial: boolean;
}

interface ChangeFlags extends ConnectFlags, ChangeChoices {
  readonly parallel: number;
  readonly out: string;
}

const STEP_TIMEOUT_MS = 5 * 60_000;
const DPKG_WAIT_MS = 5 * 60_000;

/** `remote prepare` and `remote revert`: the same questions, the same answers, another direction. */
export async function changeHosts(
  command: BaseCommand,
  targets: readonly Target[],
  action: 'prepare' | 'revert',
  flags: ChangeFlags,
): Promise<ChangeDocument> {
  const around = await surroundings(command, flags, targets);
  const document = await change({
    ...around.request,
    action,
    targets: [...targets],
    parallel: flags.parallel,
    out: flags.out,
    settings: changeSettings(flags, around.request.connect.ask),
  });
  await around.finish();
  command.exitWith(highest(document.targets.map((record) => exitCodeOfReport(record.error))));
  if (!command.jsonEnabled()) showChange(document, (line) => command.log(line));
  return document;
}

type Ask = Awaited<ReturnType<typeof surroundings>>['request']['connect']['ask'];

/** How `remote prepare`, `revert` and `run --prepare` go about it. */
export function changeSettings(flags: ChangeChoices, ask: Ask): ChangeSettings {
  return {
    wanted: { options: BOTH_OPTIONS, force: flags.force, editDefaultGrub: flags.editDefaultGrub },
    trial: flags.trial,
    dryRun: flags['dry-run'],
    mayReboot: flags.reboot,
    rebootTimeoutMs: flags['reboot-timeout'],
    stepTimeoutMs: STEP_TIMEOUT_MS,
    dpkgWaitMs: DPKG_WAIT_MS,
    confirm: flags.yes ? async () => true : confirmWith(ask),
  };
}

/** Shows the plan and takes `y` for a yes; without a terminal nobody can say it. */
function confirmWith(ask: Ask): (target: string, shown: PlanReport) => Promise<boolean> {
  return async (target, shown) => {
    const prompt = `${target}: go on? [y/N] `;
    const before = (): void => showPlan(target, shown, (line) => process.stderr.write(`${line}\n`));
    const answer = await ask?.({ target, prompt, secret: false, before });
    return /^y(es)?$/i.test(answer?.trim() ?? '');
  };
}
