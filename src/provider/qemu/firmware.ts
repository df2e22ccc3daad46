import { access, chmod, constants, copyFile, readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GclabError } from '../../errors.js';
import * as z from '../../zod.js';

import type { Architecture } from '../controller/places.js';

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
  const { there, gone } = await installedFirmware(qemu, architecture);
  const [first] = there;
  if (first !== undefined) return first;
  const { debianPackage } = TARGETS[architecture];
  const [missing] = gone;
  throw new GclabError({
    code: 'no-firmware',
    doing: 'looking for UEFI firmware',
    what:
      missing === undefined
        ? `QEMU's firmware descriptors name none for ${architecture}`
        : `QEMU's firmware descriptors name ${missing}, which cannot be read`,
    hint: `install it (macOS: brew reinstall qemu, which has it; Debian and Ubuntu: apt-get install ${debianPackage})`,
  });
}

/** A VM, as far as its firmware goes. */
interface VmFirmware {
  readonly architecture: Architecture;
  /** What it was last started with. */
  readonly firmware: Pick<Firmware, 'code' | 'codeFormat' | 'varsFormat'>;
}

/**
 * The firmware that a VM is started with: the one it had, else one that goes with its variables. An update of QEMU may have
 * taken the file away (Homebrew's paths have the version in them). Where none goes with them, `vars` is made anew: our guests
 * boot from the disk's default path, and miss nothing of it.
 */
export async function firmwareOfVm(
  vm: VmFirmware,
  folder: { readonly vars: string },
  qemu: string,
): Promise<Firmware> {
  const { there } = await installedFirmware(qemu, vm.architecture);
  const same = there.find(({ code }) => code === vm.firmware.code);
  if (same !== undefined) return same;
  const size = await sizeOf(folder.vars);
  for (const one of there) {
    if (one.varsFormat === vm.firmware.varsFormat && (await sizeOf(one.varsTemplate)) === size) return one;
  }
  const other = await findFirmware(qemu, vm.architecture);
  await copyVars(other, folder.vars);
  return other;
}

/** A machine's own copy of the firmware's variables. The template may be one that nobody writes to, as in a Nix store. */
export async function copyVars(firmware: Firmware, file: string): Promise<void> {
  await rm(file, { force: true });
  await copyFile(firmware.varsTemplate, file);
  await chmod(file, 0o600);
}

/** In the order of the descriptors; `gone`: files that a descriptor names and that cannot be read. */
async function installedFirmware(
  qemu: string,
  architecture: Architecture,
): Promise<{ readonly there: readonly Firmware[]; readonly gone: readonly string[] }> {
  const there: Firmware[] = [];
  const gone: string[] = [];
  for (const folder of await descriptorFolders(qemu)) {
    for (const file of (await readdir(folder).catch(() => [])).sort()) {
      const firmware = firmwareIn(await readFile(join(folder, file), 'utf8').catch(() => ''), architecture);
      if (firmware === undefined) continue;
      const missing = await firstUnreadable([firmware.code, firmware.varsTemplate]);
      if (missing === undefined) there.push(firmware);
      else gone.push(missing);
    }
  }
  return { there, gone };
}

async function firstUnreadable(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) {
    const isReadable = await access(file, constants.R_OK).then(
      () => true,
      () => false,
    );
    if (!isReadable) return file;
  }
  return undefined;
}

async function sizeOf(file: string): Promise<number | undefined> {
  return (await stat(file).catch(() => undefined))?.size;
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
