import { BaseCommand } from '../../cli/base-command.js';
import { vmNameArg } from '../../cli/vm-flags.js';

export default class VmDelete extends BaseCommand {
  static override summary = 'Delete a VM with its disk and keys; cached images stay.';
  static override examples = ['<%= config.bin %> vm delete old'];
  static override args = vmNameArg;

  async run(): Promise<{ readonly name: string; readonly state: 'deleted' }> {
    const { args } = await this.parse(VmDelete);
    const [{ deleteVm }, { vmSurroundings }] = await Promise.all([
      import('../../workflows/vm.js'),
      import('../../cli/vm-surroundings.js'),
    ]);
    const { request, finish } = await vmSurroundings(this, args.name, undefined);
    try {
      await deleteVm(args.name, request);
    } finally {
      await finish();
    }
    return { name: args.name, state: 'deleted' };
  }
}
