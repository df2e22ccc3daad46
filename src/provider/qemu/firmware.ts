import { readdir, readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { GclabError } from '../../errors.js';

import type { Architecture } from '../images/architecture.js';

/** A file of QEMU's firmware descriptors (docs/interop/firmware.json), as far as it matters here. */
const Descriptor = z.object({
  'interface-types': z.array(z.string()),
  mapping: z.object({
    device: z.literal('flash'),
    executable: z.object({ filename: z.string(), format: z.string() }),
    'nvram-template': z.object({ filename: z.string(), format: z.string() }),
  }),
  targets: z.array(z.object({ architecture: z.string(), machines: z.array(z.string()) })),
  features: z.array(z.string()),
});

export interface Firmware {
  readonly code: string;
  readonly codeFormat: string;
  /** To be copied: the variables are private to a VM. */
  readonly varsTemplate: string;
  readonly varsFormat: string;
}

/** Our boot loaders are not signed, and SMM would need another machine. */
const UNWANTED = ['secure-boot', 'enrolled-keys', 'requires-smm'];

const TARGETS: Readonly<
  Record<Architecture, { architecture: string; machine: string; debianPackage: string }>
> = {
  amd64: { architecture: 'x86_64', machine: 'pc-q35-', debianPackage: 'ovmf' },
  arm64: { architecture: 'aarch64', machine: 'virt-', debianPackage: 'qemu-efi-aarch64' },
};

/** The UEFI firmware that QEMU's own descriptors name for this architecture. Rejects with `no-firmware`. */
export async function findFirmware(qemu: string, architecture: Architecture): Promise<Firmware> {
  for (const folder of await descriptorFolders(qemu)) {
    for (const file of (await readdir(folder).catch(() => [])).sort()) {
      const firmware = firmwareIn(await readFile(join(folder, file), 'utf8').catch(() => ''), architecture);
      if (firmware !== undefined) return firmware;
    }
  }
  const { debianPackage } = TARGETS[architecture];
  throw new GclabError({
    code: 'no-firmware',
    doing: 'looking for UEFI firmware',
    what: `QEMU's firmware descriptors name none for ${architecture}`,
    hint: `install it (Debian and Ubuntu: apt-get install ${debianPackage})`,
  });
}

/** Undefined where the descriptor is of another kind, or none at all. */
export function firmwareIn(text: string, architecture: Architecture): Firmware | undefined {
  const parsed = Descriptor.safeParse(parseJson(text));
  if (!parsed.success || !fits(parsed.data, architecture)) return undefined;
  const { executable, 'nvram-template': vars } = parsed.data.mapping;
  return {
    code: executable.filename,
    codeFormat: executable.format,
    varsTemplate: vars.filename,
    varsFormat: vars.format,
  };
}

function fits(descriptor: z.infer<typeof Descriptor>, architecture: Architecture): boolean {
  const wanted = TARGETS[architecture];
  return (
    descriptor['interface-types'].includes('uefi') &&
    !descriptor.features.some((feature) => UNWANTED.includes(feature)) &&
    descriptor.targets.some(
      (target) =>
        target.architecture === wanted.architecture &&
        target.machines.some((name) => name.startsWith(wanted.machine)),
    )
  );
}

/** Beside the program itself first: Homebrew and hand-made installations keep theirs there. */
async function descriptorFolders(qemu: string): Promise<string[]> {
  const real = await realpath(qemu).catch(() => qemu);
  const beside = [qemu, real].map((program) => join(dirname(program), '..', 'share', 'qemu', 'firmware'));
  return [...new Set([...beside, '/etc/qemu/firmware', '/usr/share/qemu/firmware'])];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
