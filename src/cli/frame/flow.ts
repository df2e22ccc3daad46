import type { TargetsRequest } from '../../fleet/request.js';
import { vmTargetId } from '../../inventory/target-id.js';
import type { Target } from '../../model.js';
import type { VmRequest } from '../../workflows/vm/vm.js';
import { type ConnectFlags, targetsRequest, vmRequest } from '../flags/requests.js';
import type { BaseCommand } from './base-command.js';
import type { VmPlaceFlags } from './home.js';
import { type Surroundings, withSurroundings } from './surroundings.js';

/** The way of every command that connects: what a workflow needs of flags and surroundings, and the terminal free at its end. */
export async function onTargets<T>(
  command: BaseCommand,
  flags: ConnectFlags & { readonly parallel: number },
  targets: readonly Target[],
  work: (request: TargetsRequest, around: Surroundings) => Promise<T>,
): Promise<T> {
  return await withSurroundings(command, targets, (around) =>
    work(targetsRequest(flags, targets, around), around),
  );
}

/** The way of every command about this controller's VMs, and not about what runs on them; `name` is that of the only one it is about. */
export async function onVms<T>(
  command: BaseCommand,
  name: string | undefined,
  flags: VmPlaceFlags,
  work: (request: VmRequest) => Promise<T>,
): Promise<T> {
  const vms = name === undefined ? [] : [{ id: vmTargetId(name), name }];
  return await withSurroundings(command, vms, (around) => work(vmRequest(flags, around)));
}
