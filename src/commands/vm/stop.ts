import * as Flags from '@oclif/core/flags';
import { vmNameArg } from '../../cli/flags/vm.js';
import { BaseCommand, type CommandResult } from '../../cli/frame/base-command.js';
import { onVms } from '../../cli/frame/flow.js';

interface Stopped {
  readonly name: string;
  readonly state: 'stopped';
}

export default class VmStop extends BaseCommand<Stopped> {
  static override summary = 'Power a VM off.';
  static override examples = ['<%= config.bin %> vm stop', '<%= config.bin %> vm stop --cut-power'];
  static override args = vmNameArg;
  static override flags = {
    'cut-power': Flags.boolean({
      description: 'at once, as if the plug was pulled; what was not synced is lost',
    }),
    'if-there': Flags.boolean({ description: 'be content when there is no VM of that name' }),
  };

  protected override async perform(): Promise<CommandResult<Stopped>> {
    const { args, flags } = await this.parse(VmStop);
    const { stopVm } = await import('../../workflows/vm/vm.js');
    const how = { cut: flags['cut-power'], ifThere: flags['if-there'] };
    await onVms(this, args.name, {}, (request) => stopVm(args.name, how, request));
    return { document: { name: args.name, state: 'stopped' } };
  }
}
