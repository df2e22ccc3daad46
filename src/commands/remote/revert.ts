import { changeFlags } from '../../cli/flags/change.js';
import { targetsFrom } from '../../cli/flags/targets.js';
import { BaseCommand, type CommandResult } from '../../cli/frame/base-command.js';
import type { ChangeDocument } from '../../results/change-folder.js';

export default class RemoteRevert extends BaseCommand<ChangeDocument> {
  static override summary = 'Undo what remote prepare changed on hosts, byte for byte.';
  static override description =
    "Puts back the files that the host's ledger names, has grub.cfg made anew, reboots, and verifies.";
  static override examples = [
    '<%= config.bin %> remote revert --host vm1 --dry-run',
    '<%= config.bin %> remote revert --host vm1 --yes',
  ];
  static override flags = changeFlags;

  protected override async perform(): Promise<CommandResult<ChangeDocument>> {
    const { flags } = await this.parse(RemoteRevert);
    const { changeTargets } = await import('../../cli/frame/change-targets.js');
    return await changeTargets(this, 'revert', targetsFrom(this, flags), flags);
  }
}
