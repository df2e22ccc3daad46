import { BaseCommand } from '../../cli/base-command.js';
import { connectFlags, guestDirFlag, parallelFlag } from '../../cli/flags.js';
import { targetsFrom } from '../../cli/targets.js';
import type { CleanDocument } from '../../workflows/clean.js';

export default class RemoteClean extends BaseCommand {
  static override summary = 'Remove from hosts what their ledger says gclab put there.';
  static override description =
    'Runs that were left behind, the Go program and the ledger itself; a run that is still going on is kept and named.';
  static override examples = ['<%= config.bin %> remote clean --host vm1'];
  static override flags = {
    ...connectFlags,
    parallel: parallelFlag,
    'guest-dir': guestDirFlag({ description: "gclab's folder on the guest, where a run named one" }),
  };

  async run(): Promise<CleanDocument> {
    const { flags } = await this.parse(RemoteClean);
    const targets = await targetsFrom(this, flags);
    const [{ clean }, { exitCodeOfReport, highest }, { surroundings }, { showClean }] = await Promise.all([
      import('../../workflows/clean.js'),
      import('../../workflows/outcome.js'),
      import('../../cli/surroundings.js'),
      import('../../cli/show-clean.js'),
    ]);
    const around = await surroundings(this, flags, targets);
    const document = await clean({
      ...around.request,
      targets,
      parallel: flags.parallel,
      guestDir: flags['guest-dir'],
    });
    await around.finish();
    this.exitWith(highest(document.targets.map((record) => exitCodeOfReport(record.error))));
    if (this.jsonEnabled()) return document;
    showClean(document, (line) => this.log(line));
    return document;
  }
}
