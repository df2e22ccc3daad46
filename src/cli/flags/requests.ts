import { join } from 'node:path';
import type {
  ConnectRequest,
  DeployRequest,
  FollowRequest,
  KeepRequest,
  TargetsRequest,
} from '../../fleet/request.js';
import type { Target } from '../../model.js';
import type { Accelerator } from '../../provider/provider.js';
import type { RunRequest } from '../../workflows/run/request.js';
import type { VmRequest } from '../../workflows/vm/vm.js';
import { placesOf, type VmPlaceFlags } from '../frame/home.js';
import type { Surroundings } from '../frame/surroundings.js';

/** How often a silent connection is asked for a sign of life. */
const KEEPALIVE_MS = 5_000;

export interface ConnectFlags {
  readonly 'accept-new': boolean;
  readonly 'ask-sudo-pass': boolean;
  readonly 'connect-timeout': number;
  readonly 'probe-timeout': number;
  readonly accelerator: Accelerator | undefined;
}

/*
 * Here, and nowhere else, flags and surroundings become what workflows are asked for: a part for each group of flags, which a
 * command adds up.
 */

export function targetsRequest(
  flags: ConnectFlags & { readonly parallel: number },
  targets: readonly Target[],
  around: Surroundings,
): TargetsRequest {
  return {
    ...connectRequest(flags, around),
    askSudoPassword: flags['ask-sudo-pass'],
    sudoPasswords: new Map(),
    probeTimeoutMs: flags['probe-timeout'],
    targets,
    parallel: flags.parallel,
    listener: around.listener,
    now: around.now,
  };
}

function connectRequest(flags: ConnectFlags, around: Surroundings): ConnectRequest {
  const { ask, env, signal } = around;
  return {
    connect: {
      ...(ask === undefined ? {} : { ask }),
      acceptNew: flags['accept-new'],
      connectTimeoutMs: flags['connect-timeout'],
      keepaliveMs: KEEPALIVE_MS,
      env,
    },
    // What knows VMs is loaded where there is one.
    findVm: async (target) => {
      if (target.source.kind !== 'vm') return null;
      const { vmFinder } = await import('../../workflows/vm/control.js');
      return await vmFinder(vmRequest({ accelerator: flags.accelerator }, around))(target);
    },
    signal,
  };
}

export function keepRequest(flags: { readonly out: string }, around: Surroundings): KeepRequest {
  return { out: flags.out, version: around.version };
}

/** What it takes beside targets and settings to have an experiment run there, followed, and kept here. */
export function experimentRequest(
  flags: { readonly out: string; readonly reconnect: number; readonly 'guest-dir'?: string | undefined },
  around: Surroundings,
): KeepRequest & DeployRequest & FollowRequest & Pick<RunRequest, 'controller'> {
  return {
    ...keepRequest(flags, around),
    guestDir: flags['guest-dir'],
    dist: join(around.root, 'dist'),
    controller: around.controller,
    reconnectMs: flags.reconnect,
  };
}

/** `--prepare` of a run: what changes kernels is loaded where it is wanted. */
export async function prepareRequest(
  flags: { readonly prepare: boolean; readonly yes: boolean },
  around: Surroundings,
): Promise<Pick<RunRequest, 'prepare'>> {
  if (!flags.prepare) return {};
  const { changeSettings } = await import('./change-settings.js');
  return { prepare: changeSettings(flags, around.ask) };
}

export function vmRequest(flags: VmPlaceFlags, around: Surroundings): VmRequest {
  const { root, env, listener, signal } = around;
  return { places: placesOf(root, env, flags), listener, signal };
}
