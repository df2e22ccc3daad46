import { specFromFlags, vmFlags, vmNameArg } from '../../cli/flags/vm.js';
import { BaseCommand, type CommandResult } from '../../cli/frame/base-command.js';
import { onVms } from '../../cli/frame/flow.js';
import type { Vm } from '../../provider/provider.js';

export default class VmCreate extends BaseCommand<Vm> {
  static override summary = 'Make a VM, without starting it.';
  static override description =
    'Its disk is an overlay on a cached image, its keys and host key are its own, so nothing is trusted on first use.';
  static override examples = [
    '<%= config.bin %> vm create',
    '<%= config.bin %> vm create old --image bootstrap:bullseye --kernel-options swapaccount=0',
  ];
  static override args = vmNameArg;
  static override flags = vmFlags;

  protected override async perform(): Promise<CommandResult<Vm>> {
    const { args, flags } = await this.parse(VmCreate);
    const { createVm } = await import('../../workflows/vm/vm.js');
    const spec = specFromFlags(args.name, flags);
    const create = (request: Parameters<typeof createVm>[2]): Promise<Vm> =>
      createVm(spec, flags.provider ?? 'qemu', request);
    return { document: await onVms(this, args.name, flags, create) };
  }
}
