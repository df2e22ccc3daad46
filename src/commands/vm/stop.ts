import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { vmNameArg } from '../../cli/vm-flags.js';

export default class VmStop extends BaseCommand {
  static override summary = 'Power a VM off.';
  static override examples = ['<%= config.bin %> vm stop', '<%= config.bin %> vm stop --cut-power'];
  static override args = vmNameArg;
  static override flags = {
    'cut-power': Flags.boolean({
      description: 'at once, as if the plug was pulled; what was not synced is lost',
    }),
    'if-there': Flags.boolean({ description: 'be content when there is no VM of that name' }),
  };

  async run(): Promise<{ readonly name: string; readonly state: 'stopped' }> {
    const { args, flags } = await this.parse(VmStop);
    const [{ stopVm }, { vmSurroundings }] = await Promise.all([
      import('../../workflows/vm.js'),
      import('../../cli/vm-surroundings.js'),
    ]);
    const { request, finish } = await vmSurroundings(this, args.name, undefined);
    try {
      await stopVm(args.name, { cut: flags['cut-power'], ifThere: flags['if-there'] }, request);
    } finally {
      await finish();
    }
    return { name: args.name, state: 'stopped' };
  }
}
