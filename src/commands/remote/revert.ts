import { BaseCommand } from '../../cli/base-command.js';
import { changeFlags } from '../../cli/flags.js';
import { targetsFrom } from '../../cli/targets.js';
import type { ChangeDocument } from '../../results/change-folder.js';

export default class RemoteRevert extends BaseCommand {
  static override summary = 'Undo what remote prepare changed on hosts, byte for byte.';
  static override description =
    "Puts back the files that the host's ledger names, has grub.cfg made anew, reboots, and verifies.";
  static override examples = [
    '<%= config.bin %> remote revert --host vm1 --dry-run',
    '<%= config.bin %> remote revert --host vm1 --yes',
  ];
  static override flags = changeFlags;

  async run(): Promise<ChangeDocument> {
    const { flags } = await this.parse(RemoteRevert);
    const { changeHosts } = await import('../../cli/change-hosts.js');
    const nothingNew = { force: false, editDefaultGrub: false, trial: false };
    return await changeHosts(this, await targetsFrom(this, flags), 'revert', { ...flags, ...nothingNew });
  }
}
