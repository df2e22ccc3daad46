import { BaseCommand } from '../../cli/base-command.js';
import { specFromFlags, vmFlags, vmNameArg } from '../../cli/vm-flags.js';
import type { Vm } from '../../provider/provider.js';

export default class VmCreate extends BaseCommand {
  static override summary = 'Make a VM, without starting it.';
  static override description =
    'Its disk is an overlay on a cached image, its keys and host key are its own, so nothing is trusted on first use.';
  static override examples = [
    '<%= config.bin %> vm create',
    '<%= config.bin %> vm create old --image bootstrap:bullseye --kernel-options swapaccount=0',
  ];
  static override args = vmNameArg;
  static override flags = vmFlags;

  async run(): Promise<Vm> {
    const { args, flags } = await this.parse(VmCreate);
    const [{ createVm }, { vmSurroundings }] = await Promise.all([
      import('../../workflows/vm.js'),
      import('../../cli/vm-surroundings.js'),
    ]);
    const { request, finish } = await vmSurroundings(this, args.name, flags.mirror);
    try {
      return await createVm(specFromFlags(args.name, flags), flags.provider ?? 'qemu', request);
    } finally {
      await finish();
    }
  }
}
