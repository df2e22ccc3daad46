import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { z } from 'zod';
import { vmUnknown } from '../failure.js';

/** `vm.json`: what a VM is. Everything that changes from start to start may be null. */
const Record = z.object({
  schema: z.literal(1),
  name: z.string(),
  image: z.string(),
  architecture: z.enum(['amd64', 'arm64']),
  memoryBytes: z.number().int().positive(),
  cpus: z.number().int().positive(),
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

/** Rejects with `vm-unknown`. */
export async function readRecord(folder: string, name: string): Promise<QemuRecord> {
  const text = await readFile(join(folder, 'vm.json'), 'utf8').catch(() => undefined);
  if (text !== undefined) return Record.parse(JSON.parse(text));
  throw vmUnknown(name);
}

export async function writeRecord(folder: string, record: QemuRecord): Promise<void> {
  await writeFileAtomic(join(folder, 'vm.json'), `${JSON.stringify(record, null, 2)}\n`);
}

/** Names of finished VMs, sorted. */
export async function recordedNames(vmsFolder: string): Promise<string[]> {
  await mkdir(vmsFolder, { recursive: true });
  return (await readdir(vmsFolder)).filter((name) => !name.startsWith('.')).sort();
}
