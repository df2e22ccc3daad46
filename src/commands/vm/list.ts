import { BaseCommand, type CommandResult } from '../../cli/frame/base-command.js';
import { onVms } from '../../cli/frame/flow.js';
import { showVms } from '../../cli/show/show-vm.js';
import { EXIT } from '../../errors.js';
import { printable } from '../../printable.js';
import type { DamagedVm, Vm } from '../../provider/provider.js';

type Vms = readonly (Vm | DamagedVm)[];

export default class VmList extends BaseCommand<Vms> {
  static override summary = 'List the VMs that gclab made on this controller.';
  static override examples = ['<%= config.bin %> vm list', '<%= config.bin %> vm list --json'];

  protected override async perform(): Promise<CommandResult<Vms>> {
    await this.parse(VmList);
    const { listVms } = await import('../../workflows/vm/vm.js');
    const { vms, failures } = await onVms(this, undefined, {}, listVms);
    for (const { message } of failures) this.note(`gclab: not all VMs are listed: ${printable(message)}`);
    const exitCode = Math.max(EXIT.ok, ...failures.map((failure) => failure.exitCode));
    return { document: vms, exitCode, show: showVms };
  }
}
