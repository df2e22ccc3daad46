import * as Args from '@oclif/core/args';
import { connectFlags, parallelFlag } from '../../cli/flags/connect.js';
import { followFlags } from '../../cli/flags/experiment.js';
import { experimentRequest } from '../../cli/flags/requests.js';
import { isNamed, targetsOfRecords } from '../../cli/flags/targets.js';
import { BaseCommand, type CommandResult } from '../../cli/frame/base-command.js';
import { onTargets } from '../../cli/frame/flow.js';
import { exitCodeOfRuns } from '../../fleet/outcome.js';
import type { RunDocument } from '../../results/run-folder.js';

export default class RemoteAttach extends BaseCommand<RunDocument> {
  static override summary = 'Follow or collect a run that was left behind.';
  static override description =
    `The guest owns the run: when a controller is closed, cut off or killed, the run goes on there. This goes on
from what is here already, to the verdict and a clean guest.`;
  static override examples = [
    { command: '<%= config.bin %> remote attach', description: 'the newest run that left something behind' },
    '<%= config.bin %> remote attach gclab-results/20261124T060102Z-k3f9a1',
  ];
  static override args = {
    run: Args.string({ description: "a run's folder or id; default: the newest that left something" }),
  };
  static override flags = {
    ...connectFlags,
    ...followFlags,
    parallel: parallelFlag,
  };

  protected override async perform(): Promise<CommandResult<RunDocument>> {
    const { args, flags } = await this.parse(RemoteAttach);
    const [{ attach, isLeftBehind, runToAttach }, { showRun }] = await Promise.all([
      import('../../workflows/run/attach.js'),
      import('../../cli/show/show-run.js'),
    ]);
    const found = await runToAttach(args.run, flags.out, (record) => isNamed(record, flags));
    const left = found.targets.filter((record) => isLeftBehind(record) && isNamed(record, flags));
    const document = await onTargets(this, flags, targetsOfRecords(left, flags), (request, around) =>
      attach({ ...request, ...experimentRequest(flags, around), document: found }),
    );
    const attached = new Set(left.map(({ id }) => id));
    return {
      document,
      // What is left of the others is not what was asked for.
      exitCode: exitCodeOfRuns(document.targets.filter(({ id }) => attached.size === 0 || attached.has(id))),
      show: async (shown, print) => {
        if (left.length === 0) print('nothing of this run was left behind');
        await showRun(shown, print);
      },
    };
  }
}
