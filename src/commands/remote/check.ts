import { BaseCommand } from '../../cli/base-command.js';
import { connectFlags, parallelFlag, sizeFlag } from '../../cli/flags.js';
import { targetsFrom } from '../../cli/targets.js';
import type { CheckDocument } from '../../workflows/check.js';

export default class RemoteCheck extends BaseCommand {
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

  async run(): Promise<CheckDocument> {
    const { flags } = await this.parse(RemoteCheck);
    const targets = await targetsFrom(this, flags);
    const [{ check }, { exitCodeOfReport, highest }, { surroundings }, { showCheck }] = await Promise.all([
      import('../../workflows/check.js'),
      import('../../workflows/outcome.js'),
      import('../../cli/surroundings.js'),
      import('../../cli/show-check.js'),
    ]);
    const around = await surroundings(this, flags, targets);
    const document = await check({
      ...around.request,
      targets,
      limitBytes: flags.limit,
      parallel: flags.parallel,
    });
    await around.finish();
    this.exitWith(highest(document.targets.map((record) => exitCodeOfReport(record.error))));
    if (!this.jsonEnabled()) showCheck(document, (line) => this.log(line));
    return document;
  }
}
