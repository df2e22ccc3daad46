import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type QemuRecord, type VmFolder, vmFolder, writeRecord } from '../../../src/provider/qemu/record.js';
import { makeKeyPair } from '../../../src/provider/vm/reach.js';
import { scratch } from '../../provider/support.js';

type Play = 'boots' | 'stops' | 'hangs' | 'refuses' | 'aborts' | 'resets' | 'powers-off';

/** What becomes of a trial's firmware and of a guest, by accelerator; the others are refused. */
export type Plays = Readonly<Record<string, { readonly firmware?: Play; readonly guest?: Play } | undefined>>;

/** A program that plays QEMU, with firmware beside it as an installed one has. */
export interface FakeQemu {
  readonly program: string;
  readonly bin: string;
  readonly firmware: { readonly code: string; readonly vars: string };
  plays(how: Plays): Promise<void>;
  /** What was asked of it since the last look, as `kvm firmware`. */
  calls(): Promise<string[]>;
}

const NAMES = {
  amd64: ['qemu-system-x86_64', 'x86_64', 'pc-q35-*'],
  arm64: ['qemu-system-aarch64', 'aarch64', 'virt-*'],
} as const;

export async function fakeQemu(how: Plays, architecture: 'amd64' | 'arm64' = 'amd64'): Promise<FakeQemu> {
  const prefix = await scratch();
  const bin = join(prefix, 'bin');
  const share = join(prefix, 'share', 'qemu');
  await mkdir(bin);
  await mkdir(join(share, 'firmware'), { recursive: true });
  const firmware = { code: join(share, 'code.fd'), vars: join(share, 'vars.fd') };
  for (const file of Object.values(firmware)) await writeFile(file, 'firmware');
  const [name, target, machine] = NAMES[architecture];
  await writeFile(
    join(share, 'firmware', '50-edk2.json'),
    JSON.stringify(descriptor(firmware, target, machine)),
  );
  const program = join(bin, name);
  const script = resolve(import.meta.dirname, 'fake-qemu.js');
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${script}' "$0" "$@"\n`);
  await chmod(program, 0o755);
  const calls = join(bin, 'calls');
  const plays = (fresh: Plays): Promise<void> => writeFile(join(bin, 'plays.json'), JSON.stringify(fresh));
  await plays(how);
  await writeFile(calls, '');
  return {
    program,
    bin,
    firmware,
    plays,
    calls: async () => {
      const text = await readFile(calls, 'utf8');
      await writeFile(calls, '');
      return text.split('\n').filter((line) => line !== '');
    },
  };
}

/** The record of a VM that was never started. */
export function recordOf(name: string, firmware: QemuRecord['firmware']): QemuRecord {
  const size = { memoryBytes: 256 * 2 ** 20, cpus: 2 };
  const never = { port: null, accelerator: null, wantedAccelerator: null };
  return { schema: 1, name, image: 'test:1', architecture: 'amd64', ...size, firmware, ...never };
}

export function descriptor(
  firmware: { readonly code: string; readonly vars: string },
  architecture = 'x86_64',
  machine = 'pc-q35-*',
): object {
  return {
    'interface-types': ['uefi'],
    mapping: {
      device: 'flash',
      executable: { filename: firmware.code, format: 'raw' },
      'nvram-template': { filename: firmware.vars, format: 'raw' },
    },
    targets: [{ architecture, machines: [machine] }],
    features: [],
  };
}

/** A VM as `create` leaves it, as far as a played QEMU looks at it. */
export async function stoppedVm(home: string, name: string, qemu: FakeQemu): Promise<VmFolder> {
  const folder = vmFolder(join(home, 'vms', name));
  await mkdir(folder.path, { recursive: true });
  const { code } = qemu.firmware;
  await writeRecord(folder.path, recordOf(name, { code, codeFormat: 'raw', varsFormat: 'raw' }));
  await writeFile(join(folder.path, 'host_key.pub'), makeKeyPair(name).publicKey);
  await writeFile(folder.vars, 'variables');
  return folder;
}
