import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { vmUnknown } from '../failure.js';
import { readVmRecord, VmRecord, writeVmRecord } from '../vm-record.js';

/** What a VM is. Everything that changes from start to start may be null. */
const Record = VmRecord.extend({
  architecture: z.enum(['amd64', 'arm64']),
  firmware: z.object({ code: z.string(), codeFormat: z.string(), varsFormat: z.string() }),
  /** Of the last start. */
  port: z.number().int().nullable(),
  accelerator: z.enum(['kvm', 'hvf', 'tcg']).nullable(),
});

export type QemuRecord = z.infer<typeof Record>;

/** The files of one VM; all of them are private to it. */
export interface VmFolder {
  readonly path: string;
  readonly disk: string;
  readonly vars: string;
  readonly seed: string;
  readonly console: string;
  /** QEMU's monitor, for commands. */
  readonly monitor: string;
  /** A second monitor that nobody speaks to: a connection to it ends when the VM does. */
  readonly life: string;
  readonly lock: string;
  readonly pid: string;
}

export function vmFolder(path: string): VmFolder {
  const inside = (name: string) => join(path, name);
  return {
    path,
    disk: inside('disk.qcow2'),
    vars: inside('vars.fd'),
    seed: inside('seed.iso'),
    console: inside('console.log'),
    monitor: inside('qmp'),
    life: inside('life'),
    lock: inside('lock'),
    pid: inside('pid'),
  };
}

/** Rejects with `vm-unknown` or `vm-damaged`. */
export async function readRecord(folder: string, name: string): Promise<QemuRecord> {
  const record = await readVmRecord(Record, folder, name);
  if (record === undefined) throw vmUnknown(name);
  return record;
}

export async function writeRecord(folder: string, record: QemuRecord): Promise<void> {
  await writeVmRecord(folder, record);
}

/** Names of finished VMs, sorted. */
export async function recordedNames(vmsFolder: string): Promise<string[]> {
  await mkdir(vmsFolder, { recursive: true });
  return (await readdir(vmsFolder)).filter((name) => !name.startsWith('.')).sort();
}
