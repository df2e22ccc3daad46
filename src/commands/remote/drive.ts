import { driveFlags } from '../../cli/flags/drive.js';
import { badFlag } from '../../cli/flags/kinds.js';
import { experimentRequest } from '../../cli/flags/requests.js';
import { givenFlags } from '../../cli/flags/scenario.js';
import { portOf, settingsFromFlags } from '../../cli/flags/settings.js';
import { targetsFrom, targetsOfRecords } from '../../cli/flags/targets.js';
import { BaseCommand, type CommandResult } from '../../cli/frame/base-command.js';
import { onTargets } from '../../cli/frame/flow.js';
import type { RunDocument } from '../../results/run-folder.js';

interface DriveDocument {
  readonly schema: 1;
  readonly runs: readonly RunDocument[];
}

export default class RemoteDrive extends BaseCommand<DriveDocument> {
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
    {
      command: '<%= config.bin %> remote drive --attach --host vm1',
      description: 'a gcexp -interactive that somebody started there by hand',
    },
  ];
  static override flags = driveFlags;

  protected override async perform(): Promise<CommandResult<DriveDocument>> {
    const { flags, metadata } = await this.parse(RemoteDrive);
    const [{ drive }, { leftSession }] = await Promise.all([
      import('../../cli/drive/drive.js'),
      import('../../cli/drive/left-session.js'),
    ]);
    const given = givenFlags(metadata.flags, flags);
    const left = flags.attach ? await leftSession(flags, given) : undefined;
    const targets = left === undefined ? targetsFrom(this, flags) : targetsOfRecords(left.records, flags);
    if (targets.length > 1 && !flags.lockstep) {
      badFlag('several hosts were named', 'drive them in step with --lockstep, or name one');
    }
    const port = flags.attach ? flags.port : portOf(flags, given);
    const whole = settingsFromFlags({ ...flags, port, trials: 1, gc: false, interactive: true });
    const settings = { ...whole, trials: 1 };
    const subject = left?.document ?? (flags.attach ? 'what-listens' : 'new');
    const all = { ...flags, parallel: targets.length };
    const { runs, exitCode } = await onTargets(this, all, targets, (request, around) => {
      const run = { ...request, ...experimentRequest(flags, around), settings, expect: undefined };
      return drive(this, run, around, subject);
    });
    return { document: { schema: 1, runs }, exitCode };
  }
}
