import type { Architecture } from '../images/architecture.js';
import type { Accelerator } from './accelerator.js';
import type { QemuRecord, VmFolder } from './record.js';

const MACHINES: Readonly<Record<Architecture, { program: string; machine: string }>> = {
  amd64: { program: 'qemu-system-x86_64', machine: 'q35' },
  arm64: { program: 'qemu-system-aarch64', machine: 'virt' },
};

/** The guest's sshd and QEMU's own DHCP and DNS are all the network there is. */
export const GUEST_SSH_PORT = 22;

export function qemuProgram(architecture: Architecture): string {
  return MACHINES[architecture].program;
}

/** The command line of a VM that goes on when its starter ends. */
export function qemuArgv(
  record: QemuRecord,
  folder: VmFolder,
  run: { readonly program: string; readonly accelerator: Accelerator; readonly port: number },
): [string, ...string[]] {
  return [
    run.program,
    ['-name', option(record.name)],
    ['-machine', MACHINES[record.architecture].machine],
    ['-accel', run.accelerator === 'tcg' ? emulation(record) : run.accelerator],
    ['-cpu', run.accelerator === 'tcg' ? 'max' : 'host'],
    ['-smp', String(record.cpus)],
    ['-m', `${Math.ceil(record.memoryBytes / 2 ** 20)}M`],
    ['-nodefaults', '-display', 'none', '-daemonize', '-pidfile', folder.pid],
    flash(record, folder),
    disk('disk', folder.disk, 'qcow2', false),
    disk('seed', folder.seed, 'raw', true),
    ['-netdev', `user,id=net,hostfwd=tcp:127.0.0.1:${run.port}-:${GUEST_SSH_PORT}`],
    ['-device', 'virtio-net-pci,netdev=net', '-device', 'virtio-rng-pci'],
    ['-chardev', `file,id=console,append=on,path=${option(folder.console)}`, '-serial', 'chardev:console'],
    monitor('monitor', folder.monitor),
    monitor('life', folder.life),
  ].flat() as [string, ...string[]];
}

/**
 * The default translation cache overflows while a distribution boots, and everything is translated again. With a thread
 * for each processor sid's kernel was seen to panic in one boot of five: while it patches itself on one, an emulated
 * processor beside it runs into the breakpoint that is gone already (`Oops: int3`; kernel 7.2, QEMU 7.2).
 */
function emulation(record: QemuRecord): string {
  return `tcg,thread=${record.image === 'bootstrap:sid' ? 'single' : 'multi'},tb-size=512`;
}

function flash(record: QemuRecord, folder: VmFolder): string[] {
  const { code, codeFormat, varsFormat } = record.firmware;
  return [
    ['-drive', `if=pflash,unit=0,readonly=on,format=${codeFormat},file=${option(code)}`],
    ['-drive', `if=pflash,unit=1,format=${varsFormat},file=${option(folder.vars)}`],
  ].flat();
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
