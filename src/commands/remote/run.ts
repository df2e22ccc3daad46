import { experimentRequest, prepareRequest } from '../../cli/flags/requests.js';
import { runFlags } from '../../cli/flags/run.js';
import { givenFlags, runSettings } from '../../cli/flags/scenario.js';
import { targetsOrEmbedded } from '../../cli/flags/targets.js';
import { EMBEDDED_VM, specFromFlags } from '../../cli/flags/vm.js';
import { BaseCommand, type CommandResult } from '../../cli/frame/base-command.js';
import { onTargets } from '../../cli/frame/flow.js';
import { exitCodeOfRuns } from '../../fleet/outcome.js';
import type { RunDocument } from '../../results/run-folder.js';

export default class RemoteRun extends BaseCommand<RunDocument> {
  static override summary = 'Run the experiment on hosts and bring home a verdict with its evidence.';
  static override description =
    `Connects, checks what the kernel can enforce, deploys the Go program, runs it under a hard memory limit
without swap, follows its journal, and says whether the kernel OOM-killed it, how often, and why that is certain.`;
  static override examples = [
    {
      command: '<%= config.bin %> remote run',
      description: 'in a VM that gclab makes, where no host is named',
    },
    '<%= config.bin %> remote run --host vm1',
    '<%= config.bin %> remote run --host local --trials 20 --gomemlimit 28MiB',
    '<%= config.bin %> remote run --host vm1 --host vm2 --gc --expect survived --json',
  ];
  static override flags = runFlags;

  protected override async perform(): Promise<CommandResult<RunDocument>> {
    const { flags, metadata } = await this.parse(RemoteRun);
    const settings = await runSettings(flags, givenFlags(metadata.flags, flags), this.config.root);
    const targets = await targetsOrEmbedded(this, flags, specFromFlags(EMBEDDED_VM, flags));
    const [work, { showRun }] = await Promise.all([
      flags.lockstep
        ? import('../../workflows/run/lockstep.js').then(({ runLockstep }) => runLockstep)
        : import('../../workflows/run/run.js').then(({ run }) => run),
      import('../../cli/show/show-run.js'),
    ]);
    const document = await onTargets(this, flags, targets, async (request, around) =>
      work({
        ...request,
        ...experimentRequest(flags, around),
        ...(await prepareRequest(flags, around)),
        settings,
        expect: flags.expect,
      }),
    );
    return { document, exitCode: exitCodeOfRuns(document.targets), show: showRun };
  }
}
