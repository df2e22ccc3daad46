import type { ConnectSettings, Settings, Target } from '../model.js';
import type { ChangeSettings } from './change-settings.js';
import type { DriverFactory } from './driver.js';
import type { Listener } from './events.js';

/** Everything `run` needs to know; nothing below it reads flags, the environment or the clock. */
export interface RunRequest {
  readonly targets: readonly Target[];
  readonly settings: Settings;
  readonly connect: Omit<ConnectSettings, 'signal'>;
  readonly expect: 'survived' | 'oom-killed' | undefined;
  /** The guest's gclab folder, where the user names one. */
  readonly guestDir: string | undefined;
  /** Give the guest the kernel options it lacks first; absent: a guest that lacks some is not ready. */
  readonly prepare?: ChangeSettings;
  readonly askSudoPassword: boolean;
  /** What people typed, by target; filled by the gate, never written anywhere. */
  readonly sudoPasswords: Map<string, string>;
  readonly reconnectMs: number;
  readonly probeTimeoutMs: number;
  /** At most so many targets at once. */
  readonly parallel: number;
  /** Where results go on the controller. */
  readonly out: string;
  /** The folder with gcexp's builds. */
  readonly dist: string;
  readonly version: string;
  readonly listener: Listener;
  /** Who drives the interactive mode; the built-in sequence where nobody else is named. */
  readonly driver?: DriverFactory;
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

/** What every workflow needs that connects to targets side by side. */
export type TargetsRequest = Pick<
  RunRequest,
  | 'targets'
  | 'connect'
  | 'askSudoPassword'
  | 'sudoPasswords'
  | 'probeTimeoutMs'
  | 'parallel'
  | 'listener'
  | 'signal'
>;
