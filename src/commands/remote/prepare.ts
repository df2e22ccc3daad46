import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { badFlag, changeFlags } from '../../cli/flags.js';
import { targetsFrom } from '../../cli/targets.js';
import type { ChangeDocument } from '../../results/change-folder.js';

export default class RemotePrepare extends BaseCommand {
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
      exclusive: ['dry-run'],
    }),
    force: Flags.boolean({ description: 'write the options even where they are effective or obsolete' }),
    'edit-default-grub': Flags.boolean({
      description: 'edit GRUB_CMDLINE_LINUX in /etc/default/grub instead of adding a drop-in',
    }),
  };

  async run(): Promise<ChangeDocument> {
    const { flags } = await this.parse(RemotePrepare);
    if (flags.trial && !flags.reboot)
      badFlag('--trial is a boot to be tried: it cannot go with --no-reboot', 'leave one of them out');
    const { changeHosts } = await import('../../cli/change-hosts.js');
    return await changeHosts(this, await targetsFrom(this, flags), 'prepare', {
      ...flags,
      force: flags.force,
      editDefaultGrub: flags['edit-default-grub'],
      trial: flags.trial,
    });
  }
}
