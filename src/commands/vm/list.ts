import { BaseCommand } from '../../cli/base-command.js';
import type { DamagedVm, Vm } from '../../provider/provider.js';

export default class VmList extends BaseCommand {
  static override summary = 'List the VMs that gclab made on this controller.';
  static override examples = ['<%= config.bin %> vm list', '<%= config.bin %> vm list --json'];

  async run(): Promise<readonly (Vm | DamagedVm)[]> {
    await this.parse(VmList);
    const [{ listVms }, { vmSurroundings }, { table }, { formatBytes }, { printable }] = await Promise.all([
      import('../../workflows/vm.js'),
      import('../../cli/vm-surroundings.js'),
      import('../../cli/table.js'),
      import('../../units.js'),
      import('../../printable.js'),
    ]);
    const { request, finish } = await vmSurroundings(this, 'vm', undefined);
    const vms = await listVms(request).finally(finish);
    if (this.jsonEnabled()) return vms;
    if (vms.length === 0) this.log('no VM yet: gclab vm create, or gclab remote run without a host');
    const sound = vms.filter((vm) => vm.state !== 'damaged');
    const rows = sound.map((vm) => [
      vm.name,
      vm.state,
      vm.provider,
      vm.accelerator ?? '',
      vm.image,
      `${vm.cpus} CPUs`,
      formatBytes(vm.memoryBytes),
      vm.reach === null ? '' : `${vm.reach.host}:${vm.reach.port}`,
    ]);
    const lines = table(rows);
    const fits = lines.every((line) => line.length <= (process.stdout.columns ?? Number.POSITIVE_INFINITY));
    for (const line of fits ? lines : rows.flatMap(onTwoLines)) this.log(line);
    for (const vm of vms) {
      if (vm.state === 'damaged') this.log(`${vm.name}  damaged  ${vm.provider}  ${printable(vm.damage)}`);
    }
    return vms;
  }
}

/** For a terminal that is too narrow for a table. */
function onTwoLines([name = '', state = '', ...rest]: readonly string[]): string[] {
  return [`${name}  ${state}`, `  ${rest.filter((cell) => cell !== '').join(' · ')}`];
}
