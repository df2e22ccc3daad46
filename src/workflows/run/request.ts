import type { DeployRequest, FollowRequest, KeepRequest, TargetsRequest } from '../../fleet/request.js';
import type { Settings } from '../../model.js';
import type { ControllerFacts } from '../../results/run-folder.js';
import type { ChangeSettings } from '../change/settings.js';
import type { DriverFactory } from '../drive/driver.js';

/** Everything `run` needs to know; nothing below it reads flags, the environment or the clock. */
export interface RunRequest extends TargetsRequest, KeepRequest, DeployRequest, FollowRequest {
  readonly settings: Settings;
  readonly expect: 'survived' | 'oom-killed' | undefined;
  /** Give the guest the kernel options it lacks first; absent: a guest that lacks some is not ready. */
  readonly prepare?: ChangeSettings;
  readonly controller: ControllerFacts;
  /** Who drives the interactive mode; the built-in sequence where nobody else is named. */
  readonly driver?: DriverFactory;
}
