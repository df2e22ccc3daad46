import type { Architecture } from '../../controller/places.js';
import type { Accelerator } from '../../provider.js';
import type { QemuRecord, VmFolder } from '../record.js';

const MACHINES: Readonly<Record<Architecture, { program: string; machine: string }>> = {
  amd64: { program: 'qemu-system-x86_64', machine: 'q35' },
  arm64: { program: 'qemu-system-aarch64', machine: 'virt' },
};

/** The guest's sshd and QEMU's own DHCP and DNS are all the network there is. */
export const GUEST_SSH_PORT = 22;

export function qemuProgram(architecture: Architecture): string {
  return MACHINES[architecture].program;
}

/** What the firmware sees of a machine: what a trial of an accelerator has in common with a VM. */
export interface Machine {
  readonly program: string;
  readonly architecture: Architecture;
  readonly accelerator: Accelerator;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** For emulation: whether every virtual CPU has a thread. */
  readonly threads: 'single' | 'multi';
  readonly firmware: { readonly code: string; readonly codeFormat: string; readonly varsFormat: string };
  /** The machine's own copy of the firmware's variables. */
  readonly vars: string;
  /** The file that its serial console is appended to. */
  readonly console: string;
}

export function machineArgv(machine: Machine): [string, ...string[]] {
  const { accelerator, firmware } = machine;
  return [
    machine.program,
    ['-machine', MACHINES[machine.architecture].machine],
    // The default translation cache overflows while a distribution boots, and everything is translated again.
    ['-accel', accelerator === 'tcg' ? `tcg,thread=${machine.threads},tb-size=512` : accelerator],
    ['-cpu', accelerator === 'tcg' ? 'max' : 'host'],
    ['-smp', String(machine.cpus)],
    ['-m', `${Math.ceil(machine.memoryBytes / 2 ** 20)}M`],
    ['-nodefaults', '-display', 'none'],
    ['-drive', `if=pflash,unit=0,readonly=on,format=${firmware.codeFormat},file=${option(firmware.code)}`],
    ['-drive', `if=pflash,unit=1,format=${firmware.varsFormat},file=${option(machine.vars)}`],
    ['-chardev', `file,id=console,append=on,path=${option(machine.console)}`, '-serial', 'chardev:console'],
  ].flat() as [string, ...string[]];
}

/** The command line of a VM. */
export function qemuArgv(
  record: QemuRecord,
  folder: VmFolder,
  run: { readonly program: string; readonly accelerator: Accelerator; readonly port: number },
): [string, ...string[]] {
  const { architecture, cpus, memoryBytes, firmware } = record;
  const { vars, console } = folder;
  const { program, accelerator } = run;
  const machine = { program, architecture, accelerator, cpus, memoryBytes, firmware, vars, console };
  return [
    ...machineArgv({ ...machine, threads: threads(record) }),
    ...['-name', option(record.name), '-pidfile', folder.pid],
    ...disk('disk', folder.disk, 'qcow2', false),
    ...disk('seed', folder.seed, 'raw', true),
    ...['-netdev', `user,id=net,${forwarding(run.port)}`],
    ...['-device', 'virtio-net-pci,netdev=net', '-device', 'virtio-rng-pci'],
    ...monitor('monitor', folder.monitor),
    ...monitor('events', folder.events),
  ];
}

/** With a thread for each, sid's kernel was seen to panic in one boot of five: while it patches itself on one emulated processor,
 * another runs into the breakpoint that is gone already (`Oops: int3`; kernel 7.2, QEMU 7.2). */
function threads(record: QemuRecord): Machine['threads'] {
  return record.image === 'bootstrap:sid' ? 'single' : 'multi';
}

function forwarding(port: number | string): string {
  return `hostfwd=tcp:127.0.0.1:${port}-:${GUEST_SSH_PORT}`;
}

/** The port of `qemuArgv`, found again in the command line of a process. */
export function forwardedPort(commandLine: string): number | null {
  const [, port] = new RegExp(forwarding('(\\d{1,5})').replaceAll('.', '\\.')).exec(commandLine) ?? [];
  return port === undefined ? null : Number(port);
}

function disk(id: string, file: string, format: string, readOnly: boolean): string[] {
  const extras = readOnly ? 'readonly=on' : 'discard=unmap';
  return [
    ['-drive', `if=none,id=${id},format=${format},${extras},file=${option(file)}`],
    ['-device', `virtio-blk-pci,drive=${id},serial=gclab-${id}`],
  ].flat();
}

function monitor(id: string, socket: string): string[] {
  return [
    '-chardev',
    `socket,id=${id},server=on,wait=off,path=${option(socket)}`,
    '-mon',
    `chardev=${id},mode=control`,
  ];
}

/** Inside an option of QEMU a comma ends the value, and two stand for one. */
function option(value: string): string {
  return value.replaceAll(',', ',,');
}
