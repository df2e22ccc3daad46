import { BOTH_OPTIONS } from '../../kernel/change/plan/plan.js';
import type { PlanReport } from '../../results/change-folder.js';
import type { ChangeSettings } from '../../workflows/change/settings.js';
import type { Ask } from '../frame/ask.js';
import { showPlan } from '../show/show-change.js';

export interface ChangeChoices {
  readonly 'dry-run'?: boolean;
  readonly yes: boolean;
  readonly reboot?: boolean;
  readonly 'reboot-timeout'?: number;
  readonly trial?: boolean;
  readonly force?: boolean;
  readonly 'edit-default-grub'?: boolean;
}

const REBOOT_TIMEOUT_MS = 10 * 60_000;
const STEP_TIMEOUT_MS = 5 * 60_000;
const DPKG_WAIT_MS = 5 * 60_000;

/** How `remote prepare`, `remote revert` and `remote run --prepare` go about it; what a command has no flag for is as usual. */
export function changeSettings(flags: ChangeChoices, ask: Ask | undefined): ChangeSettings {
  return {
    wanted: {
      options: BOTH_OPTIONS,
      force: flags.force ?? false,
      editDefaultGrub: flags['edit-default-grub'] ?? false,
    },
    trial: flags.trial ?? false,
    dryRun: flags['dry-run'] ?? false,
    mayReboot: flags.reboot ?? true,
    rebootTimeoutMs: flags['reboot-timeout'] ?? REBOOT_TIMEOUT_MS,
    stepTimeoutMs: STEP_TIMEOUT_MS,
    dpkgWaitMs: DPKG_WAIT_MS,
    confirm: flags.yes ? async () => true : confirmWith(ask),
  };
}

/** Shows the plan and takes `y` for a yes; without a terminal nobody can say it. */
function confirmWith(ask: Ask | undefined): (target: string, shown: PlanReport) => Promise<boolean> {
  return async (target, shown) => {
    const prompt = `${target}: go on? [y/N] `;
    const before = (): void => showPlan(target, shown, (line) => process.stderr.write(`${line}\n`));
    const answer = await ask?.({ target, prompt, secret: false, before });
    return /^y(es)?$/i.test(answer?.trim() ?? '');
  };
}
