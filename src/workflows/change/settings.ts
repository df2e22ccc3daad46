import type { Wanted } from '../../kernel/change/plan/aim.js';
import type { PlanReport } from '../../results/change-folder.js';

/** How a change of a guest's kernel options goes about it. */
export interface ChangeSettings {
  readonly wanted: Wanted;
  /** Try the options in a one-time entry first; the default is changed only after their effect was seen. */
  readonly trial: boolean;
  /** Stop after the plan. */
  readonly dryRun: boolean;
  /** False leaves the reboot to the user. */
  readonly mayReboot: boolean;
  readonly rebootTimeoutMs: number;
  readonly stepTimeoutMs: number;
  /** How long to wait for packages being installed. */
  readonly dpkgWaitMs: number;
  /** Asks whether to go on with what was shown; `not-confirmed` where nobody may say so. */
  readonly confirm: (target: string, shown: PlanReport) => Promise<boolean>;
}
