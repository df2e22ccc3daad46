import { vmNameArg } from '../../cli/flags/vm.js';
import { BaseCommand, type CommandResult } from '../../cli/frame/base-command.js';
import { onVms } from '../../cli/frame/flow.js';

interface Login {
  readonly argv: readonly string[];
}

export default class VmSsh extends BaseCommand<Login> {
  static override summary = 'Log in to a VM with ssh, or run one command there.';
  static override examples = ['<%= config.bin %> vm ssh', '<%= config.bin %> vm ssh gclab -- uname -r'];
  static override args = vmNameArg;
  static override strict = false;

  protected override async perform(): Promise<CommandResult<Login>> {
    const { args, argv: all } = await this.parse(VmSsh);
    const [{ reachVm }, { handOver, needSsh }] = await Promise.all([
      import('../../workflows/vm/vm.js'),
      import('../../cli/frame/hand-over.js'),
    ]);
    await needSsh(process.env);
    const reach = await onVms(this, args.name, {}, (request) => reachVm(args.name, request));
    const argv = ['ssh', '-F', reach.sshConfigFile, '--', reach.alias, ...all.slice(1).map(String)];
    const document = { argv };
    return this.jsonEnabled() ? { document } : { document, exitCode: await handOver(argv) };
  }
}
