import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { experimentFlags } from '../../cli/experiment-flags.js';
import { badFlag, connectFlags } from '../../cli/flags.js';
import { givenFlags } from '../../cli/scenario-settings.js';
import { portOf, settingsFromFlags } from '../../cli/settings.js';
import { targetsFrom } from '../../cli/targets.js';
import type { RunDocument } from '../../results/run-folder.js';

export default class RemoteDrive extends BaseCommand {
  static override summary = 'Drive the heap of the experiment by hand, in a session over the connection.';
  static override description =
    `Starts the interactive experiment on the guest's loopback and opens a session: add 10MiB, rel 5MiB, gc, stats, and a live
panel of what the cgroup is charged for. Without a terminal it reads commands from a pipe and prints plain lines.`;
  static override examples = [
    '<%= config.bin %> remote drive --host vm1',
    {
      command: 'printf "add 90%%\\nrel 90%%\\nadd 10%%\\n" | <%= config.bin %> remote drive --host local',
      description: 'the spike, from a pipe',
    },
    { command: '<%= config.bin %> remote drive --attach', description: 'the one that was left behind' },
  ];
  static override flags = {
    ...connectFlags,
    ...experimentFlags,
    attach: Flags.boolean({ description: 'go on with a session that was left behind, from its journal' }),
    lockstep: Flags.boolean({
      description: 'several hosts at once: each command goes to all, and waits for all',
    }),
  };

  async run(): Promise<{ schema: 1; runs: readonly RunDocument[] }> {
    const { flags, metadata } = await this.parse(RemoteDrive);
    const port = portOf(flags, givenFlags(metadata.flags, flags));
    const settings = settingsFromFlags({ ...flags, port, trials: 1, gc: false, interactive: true });
    const [{ drive }, { leftSession }] = await Promise.all([
      import('../../cli/drive/drive.js'),
      import('../../cli/drive/left-session.js'),
    ]);
    const left = flags.attach ? await leftSession(flags.out, flags.host) : undefined;
    const targets = left?.targets ?? (await targetsFrom(this, flags));
    if (targets.length > 1 && !flags.lockstep) {
      badFlag('several hosts were named', 'drive them in step with --lockstep, or name one');
    }
    const perTrial = { ...settings, trials: 1 };
    const { runs, exitCode } = await drive(this, flags, {
      targets,
      settings: perTrial,
      left: left?.document,
    });
    this.exitWith(exitCode);
    return { schema: 1, runs };
  }
}
