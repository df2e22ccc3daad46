import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { experimentFlags } from '../../cli/experiment-flags.js';
import { badFlag, connectFlags } from '../../cli/flags.js';
import { givenFlags } from '../../cli/scenario-settings.js';
import { portOf, settingsFromFlags } from '../../cli/settings.js';
import { isNamed, targetsFrom, targetsOfRecords } from '../../cli/targets.js';
import { GclabError } from '../../errors.js';
import type { RunDocument, TargetRecord } from '../../results/run-folder.js';

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
    {
      command: '<%= config.bin %> remote drive --attach --host vm1',
      description: 'a gcexp -interactive that somebody started there by hand',
    },
  ];
  static override flags = {
    ...connectFlags,
    ...experimentFlags,
    attach: Flags.boolean({
      description: `go on with a session that was left behind, from its journal; where none was on the hosts named, with the
program that listens on --port there, whoever started it`,
    }),
    lockstep: Flags.boolean({
      description: 'several hosts at once: each command goes to all, and waits for all',
    }),
  };

  async run(): Promise<{ schema: 1; runs: readonly RunDocument[] }> {
    const { flags, metadata } = await this.parse(RemoteDrive);
    const [{ drive }, { leftSession }] = await Promise.all([
      import('../../cli/drive/drive.js'),
      import('../../cli/drive/left-session.js'),
    ]);
    const given = givenFlags(metadata.flags, flags);
    const isWanted = (record: TargetRecord, port: number): boolean =>
      isNamed(record, flags) && (!given.has('port') || port === flags.port);
    const left = flags.attach ? await leftSession(flags.out, isWanted) : undefined;
    if (flags.attach && left === undefined && !flags.host && !flags.vm) throw nothingLeft(flags.out);
    const targets =
      left === undefined ? await targetsFrom(this, flags) : await targetsOfRecords(this, left.records);
    if (targets.length > 1 && !flags.lockstep) {
      badFlag('several hosts were named', 'drive them in step with --lockstep, or name one');
    }
    const port = flags.attach ? flags.port : portOf(flags, given);
    const settings = settingsFromFlags({ ...flags, port, trials: 1, gc: false, interactive: true });
    const { runs, exitCode } = await drive(this, flags, {
      targets,
      settings: { ...settings, trials: 1 },
      goOnWith: left?.document ?? (flags.attach ? 'what-listens' : undefined),
    });
    this.exitWith(exitCode);
    return { schema: 1, runs };
  }
}

function nothingLeft(out: string): GclabError {
  return new GclabError({
    code: 'unknown-run',
    doing: 'looking for a session to attach to',
    what: `no interactive run in ${out} was left behind`,
    hint: 'name the host where one was started by hand, or start one with: gclab remote drive --host HOST',
  });
}
