import type { FindVm, VmControl } from '../../fleet/vm-control.js';
import { vmTarget } from '../../inventory/targets.js';
import type { SshAddress, Target } from '../../model.js';
import {
  type Provider,
  type Reach,
  untold,
  type Vm,
  type VmSpec,
  type Work,
} from '../../provider/provider.js';
import { consoleOf } from '../../provider/vm/console.js';
import { createVm, describeProgress, findVm, listVms, shareOf, startVm, type VmRequest } from './vm.js';

/** Looks up what can be done with a target's VM, by the name that its source has. */
export function vmFinder(request: VmRequest): FindVm {
  return async (target) => {
    if (target.source.kind !== 'vm') return null;
    const { vm, provider } = await findVm(target.source.vm, request);
    return controlOf(vm, provider);
  };
}

function controlOf(vm: Vm, provider: Provider): VmControl {
  const awaitUp = provider.awaitUp?.bind(provider);
  return {
    start: async (teller, signal) => {
      if (vm.reach !== null) return addressOf(vm.reach);
      const work: Work = {
        signal,
        onProgress: (progress) => teller.progress(describeProgress(progress), shareOf(progress)),
        onNote: (text) => teller.note(text),
      };
      return addressOf(reachOf(await provider.start(vm.name, work)));
    },
    ...(awaitUp === undefined ? {} : { awaitUp: (signal) => awaitUp(vm.name, untold(signal)) }),
    console: vm.consoleLog === null ? null : consoleOf(vm.consoleLog),
  };
}

/** The VM that commands use when no host was named: made where there is none yet, and started. */
export async function embeddedTarget(
  spec: VmSpec,
  kind: Vm['provider'],
  request: VmRequest,
): Promise<Target> {
  const { vms: known } = await listVms(request);
  if (!known.some(({ name }) => name === spec.name)) await createVm(spec, kind, request);
  const { vm } = await findVm(spec.name, request);
  const reach = vm.reach ?? reachOf(await startVm(spec.name, request));
  return vmTarget(spec.name, addressOf(reach));
}

function reachOf({ name, reach }: Vm): Reach {
  if (reach === null) throw new Error(`${name} was started and cannot be reached`);
  return reach;
}

/** The file names user, port, key and pinned host key. */
function addressOf({ alias, sshConfigFile }: Reach): SshAddress {
  return { host: alias, user: null, port: null, configFile: sshConfigFile };
}
