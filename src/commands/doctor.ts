import { BaseCommand, type CommandResult } from '../cli/frame/base-command.js';
import { onVms } from '../cli/frame/flow.js';
import { showDoctor } from '../cli/show/show-vm.js';
import type { ProviderReport } from '../workflows/vm/vm.js';

interface DoctorDocument {
  readonly providers: readonly ProviderReport[];
}

export default class Doctor extends BaseCommand<DoctorDocument> {
  static override summary = 'Say what this controller has and lacks for making VMs, and what to install.';
  static override examples = ['<%= config.bin %> doctor'];

  protected override async perform(): Promise<CommandResult<DoctorDocument>> {
    await this.parse(Doctor);
    const { examineProviders } = await import('../workflows/vm/vm.js');
    const providers = await onVms(this, undefined, {}, examineProviders);
    return { document: { providers }, show: showDoctor };
  }
}
