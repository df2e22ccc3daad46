import { connectFlags, parallelFlag } from '../../cli/flags/connect.js';
import { guestDirFlag } from '../../cli/flags/kinds.js';
import { targetsFrom } from '../../cli/flags/targets.js';
import { BaseCommand, type CommandResult } from '../../cli/frame/base-command.js';
import { onTargets } from '../../cli/frame/flow.js';
import { showClean } from '../../cli/show/show-clean.js';
import { exitCodeOfRecords } from '../../fleet/outcome.js';
import type { CleanDocument } from '../../workflows/clean.js';

export default class RemoteClean extends BaseCommand<CleanDocument> {
  static override summary = 'Remove from hosts what their ledger says gclab put there.';
  static override description =
    'Runs that were left behind, the Go program and the ledger itself; a run that is still going on is kept and named.';
  static override examples = ['<%= config.bin %> remote clean --host vm1'];
  static override flags = {
    ...connectFlags,
    parallel: parallelFlag,
    'guest-dir': guestDirFlag({ description: "gclab's folder on the guest, where a run named one" }),
  };

  protected override async perform(): Promise<CommandResult<CleanDocument>> {
    const { flags } = await this.parse(RemoteClean);
    const { clean } = await import('../../workflows/clean.js');
    const document = await onTargets(this, flags, targetsFrom(this, flags), (request) =>
      clean({ ...request, guestDir: flags['guest-dir'] }),
    );
    return { document, exitCode: exitCodeOfRecords(document.targets), show: showClean };
  }
}
