import { vmNameArg } from '../../cli/flags/vm.js';
import { BaseCommand, type CommandResult } from '../../cli/frame/base-command.js';
import { onVms } from '../../cli/frame/flow.js';

interface Deleted {
  readonly name: string;
  readonly state: 'deleted';
}

export default class VmDelete extends BaseCommand<Deleted> {
  static override summary = 'Delete a VM with its disk and keys; cached images stay.';
  static override examples = ['<%= config.bin %> vm delete old'];
  static override args = vmNameArg;

  protected override async perform(): Promise<CommandResult<Deleted>> {
    const { args } = await this.parse(VmDelete);
    const { deleteVm } = await import('../../workflows/vm/vm.js');
    await onVms(this, args.name, {}, (request) => deleteVm(args.name, request));
    return { document: { name: args.name, state: 'deleted' } };
  }
}
