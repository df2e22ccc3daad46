import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { connectFlags, followFlags, parallelFlag } from '../../cli/flags.js';
import { isNamed, targetsOfRecords } from '../../cli/targets.js';
import type { RunDocument } from '../../results/run-folder.js';

export default class RemoteAttach extends BaseCommand {
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

  async run(): Promise<RunDocument> {
    const { args, flags } = await this.parse(RemoteAttach);
    const [{ attach, findLeftRun, isLeftBehind }, { readLatestRun, readRun }, { surroundings }] =
      await Promise.all([
        import('../../workflows/attach.js'),
        import('../../results/read-run.js'),
        import('../../cli/surroundings.js'),
      ]);
    const found =
      args.run === undefined
        ? ((await findLeftRun(flags.out, (record) => isNamed(record, flags))) ??
          (await readLatestRun(flags.out)))
        : await readRun(args.run, flags.out);
    const left = found.targets.filter(isLeftBehind).filter((record) => isNamed(record, flags));
    const targets = await targetsOfRecords(this, left);
    const around = await surroundings(this, flags, targets);
    const request = { ...around.request, document: found, targets };
    const document = await attach({ ...request, reconnectMs: flags.reconnect, parallel: flags.parallel });
    await around.finish();
    await this.#report(document, targets.length);
    return document;
  }

  async #report(document: RunDocument, attached: number): Promise<void> {
    const [{ exitCodeOfRun, highest }, { showRun }] = await Promise.all([
      import('../../workflows/outcome.js'),
      import('../../cli/show-run.js'),
    ]);
    this.exitWith(highest(document.targets.map(exitCodeOfRun)));
    if (this.jsonEnabled()) return;
    if (attached === 0) this.log('nothing of this run was left behind');
    await showRun(document, (line) => this.log(line));
  }
}
