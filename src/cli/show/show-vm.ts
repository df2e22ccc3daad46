import { printable } from '../../printable.js';
import type { DamagedVm, Vm } from '../../provider/provider.js';
import { formatBytes } from '../../units.js';
import type { ProviderReport } from '../../workflows/vm/vm.js';
import { widthOf } from './fitted.js';
import { type Print, table } from './lines.js';

/** What each provider has and lacks here. */
export function showDoctor(
  { providers }: { readonly providers: readonly ProviderReport[] },
  print: Print,
): void {
  for (const { provider, usable, requirements } of providers) {
    print(`${provider}: ${usable ? 'can make VMs here' : 'cannot make VMs here'}`);
    for (const { description, met, detail } of requirements) {
      print(`  ${met ? '✔' : '✗'} ${description}: ${printable(detail, 800)}`);
    }
  }
}

/** A line for each VM, or two where the terminal is too narrow. */
export function showVms(vms: readonly (Vm | DamagedVm)[], print: Print, width = terminalWidth()): void {
  if (vms.length === 0) print('no VM yet: gclab vm create, or gclab remote run without a host');
  const rows = vms.filter((vm) => vm.state !== 'damaged').map(rowOf);
  const lines = table(rows);
  for (const line of lines.every(({ length }) => length <= width) ? lines : rows.flatMap(onTwoLines))
    print(line);
  for (const vm of vms) {
    if (vm.state === 'damaged') print(`${vm.name}  damaged  ${vm.provider}  ${printable(vm.damage)}`);
  }
}

function terminalWidth(): number {
  return process.stdout.isTTY === true ? widthOf(process.stdout) : Number.POSITIVE_INFINITY;
}

function rowOf(vm: Vm): string[] {
  return [
    vm.name,
    vm.state,
    vm.provider,
    vm.accelerator ?? '',
    vm.image,
    `${vm.cpus} CPUs`,
    formatBytes(vm.memoryBytes),
    vm.reach === null ? '' : `${vm.reach.host}:${vm.reach.port}`,
  ];
}

function onTwoLines([name = '', state = '', ...rest]: readonly string[]): string[] {
  return [`${name}  ${state}`, `  ${rest.filter((cell) => cell !== '').join(' · ')}`];
}
