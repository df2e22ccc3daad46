import * as Flags from '@oclif/core/flags';
import { changeFlags } from '../../cli/flags/change.js';
import { badFlag } from '../../cli/flags/kinds.js';
import { targetsFrom } from '../../cli/flags/targets.js';
import { BaseCommand, type CommandResult } from '../../cli/frame/base-command.js';
import type { ChangeDocument } from '../../results/change-folder.js';

export default class RemotePrepare extends BaseCommand<ChangeDocument> {
  static override summary = 'Give hosts the kernel options they lack, reboot, and verify the effect.';
  static override description =
    `Plans first and says why each step is needed; changes nothing where nothing is. The options go into a GRUB drop-in of
gclab's own, what will boot is read back from grub.cfg, and after the reboot only the effect counts. gclab remote revert undoes it.`;
  static override examples = [
    {
      command: '<%= config.bin %> remote prepare --host vm1 --dry-run',
      description: 'what would be done, and why',
    },
    '<%= config.bin %> remote prepare --host vm1 --yes',
    {
      command: '<%= config.bin %> remote prepare --host vm1 --trial',
      description: 'one boot with the options first',
    },
  ];
  static override flags = {
    ...changeFlags,
    trial: Flags.boolean({
      description: 'try the options in a one-time boot entry first; a power cycle returns to the old one',
    }),
    force: Flags.boolean({ description: 'write the options even where they are effective or obsolete' }),
    'edit-default-grub': Flags.boolean({
      description: 'edit GRUB_CMDLINE_LINUX in /etc/default/grub instead of adding a drop-in',
    }),
  };

  protected override async perform(): Promise<CommandResult<ChangeDocument>> {
    const { flags } = await this.parse(RemotePrepare);
    if (flags.trial && !flags.reboot)
      badFlag('--trial is a boot to be tried: it cannot go with --no-reboot', 'leave one of them out');
    const { changeTargets } = await import('../../cli/frame/change-targets.js');
    return await changeTargets(this, 'prepare', targetsFrom(this, flags), flags);
  }
}
