import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from '../../zod.js';
import { vmUnknown } from '../controller/failure.js';
import { ACCELERATORS } from '../provider.js';
import { readVmRecord, VmRecord, writeVmRecord } from '../vm/vm-record.js';

/** What a VM is. Everything that changes from start to start may be null. */
const Record = VmRecord.extend({
  architecture: z.enum(['amd64', 'arm64']),
  firmware: z.object({ code: z.string(), codeFormat: z.string(), varsFormat: z.string() }),
  /** Of the last start. */
  port: z.number().int().nullable(),
  accelerator: z.enum(ACCELERATORS).nullable(),
  /** The one that this VM is always run with; null takes the fastest that works. */
  wantedAccelerator: z.enum(ACCELERATORS).nullable(),
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
  /** A second monitor, for who listens to events for long. */
  readonly events: string;
  /** What QEMU wrote to its error output since it was last launched. */
  readonly log: string;
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
    events: inside('events'),
    log: inside('qemu.log'),
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
