import type { ConnectSettings, Target } from '../model.js';
import type { Listener } from './events.js';
import type { FindVm } from './vm-control.js';

/** What it takes to connect to a target. */
export interface ConnectRequest {
  readonly connect: Omit<ConnectSettings, 'signal'>;
  readonly findVm: FindVm;
  readonly signal: AbortSignal;
}

/** What it takes to read a guest, as root where that is to be had. */
export interface ReadRequest extends ConnectRequest {
  readonly askSudoPassword: boolean;
  /** What people typed, by the target's id; filled by the gate, never written anywhere. */
  readonly sudoPasswords: Map<string, string>;
  readonly probeTimeoutMs: number;
}

/** What every workflow needs that goes through targets side by side. */
export interface TargetsRequest extends ReadRequest {
  readonly targets: readonly Target[];
  /** At most so many targets at once. */
  readonly parallel: number;
  readonly listener: Listener;
  readonly now: () => Date;
}

/** What it takes to keep in a folder of the controller what is done. */
export interface KeepRequest {
  /** The folder that the folders of runs are in. */
  readonly out: string;
  /** Of gclab. */
  readonly version: string;
}

/** What it takes to have the Go program on a guest. */
export interface DeployRequest {
  /** The folder with its builds. */
  readonly dist: string;
  /** gclab's folder on the guest, where the user names one. */
  readonly guestDir: string | undefined;
}

/** What it takes to follow what a guest does. */
export interface FollowRequest {
  /** For how long a dropped connection is tried again. */
  readonly reconnectMs: number;
}
