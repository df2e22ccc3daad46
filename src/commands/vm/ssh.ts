import { BaseCommand } from '../../cli/base-command.js';
import { vmNameArg } from '../../cli/vm-flags.js';
import { GclabError } from '../../errors.js';

export default class VmSsh extends BaseCommand {
  static override summary = 'Log in to a VM with ssh, or run one command there.';
  static override examples = ['<%= config.bin %> vm ssh', '<%= config.bin %> vm ssh gclab -- uname -r'];
  static override args = vmNameArg;
  static override strict = false;

  async run(): Promise<{ readonly argv: readonly string[] }> {
    const { args, argv: all } = await this.parse(VmSsh);
    const [{ reachVm }, { vmSurroundings }, { spawn }, { findTool }] = await Promise.all([
      import('../../workflows/vm.js'),
      import('../../cli/vm-surroundings.js'),
      import('node:child_process'),
      import('../../provider/find-tool.js'),
    ]);
    if ((await findTool('ssh', process.env)) === undefined) throw sshMissing();
    const { request, finish } = await vmSurroundings(this, args.name, undefined);
    const reach = await reachVm(args.name, request).finally(finish);
    const argv = ['-F', reach.sshConfigFile, '--', reach.alias, ...all.slice(1).map(String)];
    if (this.jsonEnabled()) return { argv: ['ssh', ...argv] };
    const ssh = spawn('ssh', argv, { stdio: 'inherit' });
    process.exitCode = await new Promise<number>((resolve, reject) => {
      ssh.once('error', reject);
      ssh.once('exit', (code) => resolve(code ?? 255));
    });
    return { argv: ['ssh', ...argv] };
  }
}

function sshMissing(): GclabError {
  return new GclabError({
    code: 'tool-missing',
    doing: 'logging in to a VM',
    what: 'ssh is not installed',
    hint: 'install it (Debian and Ubuntu: apt-get install openssh-client)',
  });
}
