import { connectFlags, parallelFlag } from '../../cli/flags/connect.js';
import { sizeFlag } from '../../cli/flags/kinds.js';
import { targetsFrom } from '../../cli/flags/targets.js';
import { BaseCommand, type CommandResult } from '../../cli/frame/base-command.js';
import { onTargets } from '../../cli/frame/flow.js';
import { showCheck } from '../../cli/show/show-check.js';
import { exitCodeOfRecords } from '../../fleet/outcome.js';
import type { CheckDocument } from '../../workflows/check.js';

export default class RemoteCheck extends BaseCommand<CheckDocument> {
  static override summary = 'Say what hosts can enforce, without changing anything on them.';
  static override description =
    `Reads the kernel, its command line, the cgroup hierarchy, the boot loader and what may be done as this user,
in one round trip, and says: ready; not ready, and what would make it so; or never, and why. Exit 0 or 3.`;
  static override examples = [
    '<%= config.bin %> remote check --host vm1',
    '<%= config.bin %> remote check --host vm1 --host vm2 --json',
  ];
  static override flags = {
    ...connectFlags,
    limit: sizeFlag({
      description: 'the hard limit that is to be enforced',
      default: 32 * 2 ** 20,
      defaultHelp: async () => '32MiB',
    }),
    parallel: parallelFlag,
  };

  protected override async perform(): Promise<CommandResult<CheckDocument>> {
    const { flags } = await this.parse(RemoteCheck);
    const { check } = await import('../../workflows/check.js');
    const document = await onTargets(this, flags, targetsFrom(this, flags), (request) =>
      check({ ...request, limitBytes: flags.limit }),
    );
    return { document, exitCode: exitCodeOfRecords(document.targets), show: showCheck };
  }
}
