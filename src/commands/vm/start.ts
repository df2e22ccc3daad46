import { BaseCommand } from '../../cli/base-command.js';
import { vmNameArg } from '../../cli/vm-flags.js';
import type { Vm } from '../../provider/provider.js';

export default class VmStart extends BaseCommand {
  static override summary = 'Start a VM and wait until its sshd answers.';
  static override examples = ['<%= config.bin %> vm start'];
  static override args = vmNameArg;

  async run(): Promise<Vm> {
    const { args } = await this.parse(VmStart);
    const [{ startVm }, { vmSurroundings }] = await Promise.all([
      import('../../workflows/vm.js'),
      import('../../cli/vm-surroundings.js'),
    ]);
    const { request, finish } = await vmSurroundings(this, args.name, undefined);
    try {
      return await startVm(args.name, request);
    } finally {
      await finish();
    }
  }
}
