import { BaseCommand } from '../cli/base-command.js';
import type { ProviderReport } from '../workflows/vm.js';

export default class Doctor extends BaseCommand {
  static override summary = 'Say what this controller has and lacks for making VMs, and what to install.';
  static override examples = ['<%= config.bin %> doctor'];

  async run(): Promise<{ readonly providers: readonly ProviderReport[] }> {
    await this.parse(Doctor);
    const [{ examineProviders }, { vmSurroundings }, { printable }] = await Promise.all([
      import('../workflows/vm.js'),
      import('../cli/vm-surroundings.js'),
      import('../printable.js'),
    ]);
    const { request, finish } = await vmSurroundings(this, 'doctor', undefined);
    const providers = await examineProviders(request).finally(finish);
    if (this.jsonEnabled()) return { providers };
    for (const { provider, usable, requirements } of providers) {
      this.log(`${provider}: ${usable ? 'can make VMs here' : 'cannot make VMs here'}`);
      for (const { description, met, detail } of requirements) {
        this.log(`  ${met ? '✔' : '✗'} ${description}: ${printable(detail, 300)}`);
      }
    }
    return { providers };
  }
}
