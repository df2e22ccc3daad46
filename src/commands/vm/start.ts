import { acceleratorFlag } from '../../cli/flags/kinds.js';
import { vmNameArg } from '../../cli/flags/vm.js';
import { BaseCommand, type CommandResult } from '../../cli/frame/base-command.js';
import { onVms } from '../../cli/frame/flow.js';
import type { Vm } from '../../provider/provider.js';

export default class VmStart extends BaseCommand<Vm> {
  static override summary = 'Start a VM and wait until its sshd answers.';
  static override examples = [
    '<%= config.bin %> vm start',
    '<%= config.bin %> vm start old --accelerator kvm',
  ];
  static override args = vmNameArg;
  static override flags = { accelerator: acceleratorFlag };

  protected override async perform(): Promise<CommandResult<Vm>> {
    const { args, flags } = await this.parse(VmStart);
    const { startVm } = await import('../../workflows/vm/vm.js');
    const vm = await onVms(this, args.name, flags, (request) => startVm(args.name, request));
    return { document: vm };
  }
}
