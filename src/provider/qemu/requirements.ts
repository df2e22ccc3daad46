import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { GclabError } from '../../errors.js';
import { run, whyFailed } from '../controller/command.js';
import { findTool } from '../controller/find-tool.js';
import { homeRequirement } from '../controller/home-requirement.js';
import type { Places } from '../controller/places.js';
import { bootstrapRequirements } from '../images/bootstrap/requirements.js';
import { DEFAULT_CPUS, type Requirement, type Tried, type Work } from '../provider.js';
import { Accelerators } from './accelerator/choose.js';
import { type Firmware, findFirmware } from './firmware.js';
import { qemuProgram } from './process/argv.js';
import { vmFolder } from './record.js';

/** What QEMU VMs need here. Programs are run, and accelerators are given the firmware. */
export async function qemuRequirements(places: Places, work: Work): Promise<readonly Requirement[]> {
  const { architecture, platform, ordinaryUser } = places.controller;
  const find = (tool: string) => findTool(tool, places.env);
  const program = await find(qemuProgram(architecture));
  const needs = [
    await tool(qemuProgram(architecture), program, SYSTEM_PACKAGES[architecture], work),
    await tool('qemu-img', await find('qemu-img'), 'qemu-utils', work),
    await home(places.homeFolder),
  ];
  const firmware = await findFirmware(program ?? 'qemu', architecture).catch(firmwareError);
  const isTried = program !== undefined && needs.every(({ met, fatal }) => met || !fatal);
  const tried =
    isTried && !(firmware instanceof GclabError) ? await tryAll(program, firmware, places, work) : undefined;
  return [
    ...needs,
    firmwareRequirement(firmware, tried),
    await hardwareRequirement(tried),
    ...(platform === 'linux' ? await bootstrapRequirements(find, ordinaryUser) : []),
  ];
}

const SYSTEM_PACKAGES = { amd64: 'qemu-system-x86', arm64: 'qemu-system-arm' } as const;

/** An update of a library may leave a program that is there and does not start. */
const VERSION_MS = 20_000;

async function tool(
  name: string,
  found: string | undefined,
  debianPackage: string,
  work: Work,
): Promise<Requirement> {
  const install = `install it (macOS: brew install qemu; Debian and Ubuntu: apt-get install ${debianPackage})`;
  if (found === undefined) return { description: name, met: false, detail: install, fatal: true };
  const told = await run([found, '--version'], { signal: work.signal, timeoutMs: VERSION_MS });
  const met = told.exitCode === 0;
  const detail = met ? found : `${whyFailed(told)}; ${install}`;
  return { description: name, met, detail, fatal: true };
}

/** The longest path of a socket on macOS; Linux has four more. */
const SOCKET_PATH_BYTES = 103;

/** A VM's sockets lie in its folder, which has a longer name while it is made. */
export function socketPathFits(vmsFolder: string, name: string): boolean {
  return [name, '.making-4194304-999'].every(
    (folder) => Buffer.byteLength(vmFolder(join(vmsFolder, folder)).events) <= SOCKET_PATH_BYTES,
  );
}

async function home(folder: string): Promise<Requirement> {
  const requirement = await homeRequirement(folder);
  if (socketPathFits(join(folder, 'vms'), 'x')) return requirement;
  const detail = `${folder} is too long for the path of a socket below it: set GCLAB_HOME to a shorter one`;
  return { ...requirement, met: false, detail, fatal: true };
}

async function tryAll(
  program: string,
  firmware: Firmware,
  places: Places,
  work: Work,
): Promise<readonly Tried[]> {
  const { flag, setting } = places.accelerator;
  const accelerators = await Accelerators.here(program, firmware, flag ?? setting, places, work);
  return await accelerators.fastest(DEFAULT_CPUS, work);
}

function firmwareError(cause: unknown): GclabError {
  if (cause instanceof GclabError) return cause;
  throw cause;
}

/** A file that is there may be none that boots. */
function firmwareRequirement(
  firmware: Firmware | GclabError,
  tried: readonly Tried[] | undefined,
): Requirement {
  const description = 'UEFI firmware';
  if (firmware instanceof GclabError) {
    const detail = `${firmware.what}; ${firmware.hint ?? ''}`;
    return { description, met: false, detail, fatal: true };
  }
  const met = tried === undefined || tried.some(({ works }) => works);
  const why = met ? '' : ` is there and does not boot (${describeAll(tried)})`;
  return { description, met, detail: `${firmware.code}${why}`, fatal: true };
}

async function hardwareRequirement(tried: readonly Tried[] | undefined): Promise<Requirement> {
  const description = 'hardware virtualisation';
  if (tried === undefined)
    return { description, met: false, detail: 'not tried without the above', fatal: false };
  const taken = tried.find(({ works }) => works);
  const met = taken !== undefined && taken.accelerator !== 'tcg';
  const detail = met
    ? describeAll([taken])
    : `VMs are emulated, some ten times slower (${describeAll(tried)})${await howToGet(tried)}`;
  return { description, met, detail, fatal: false, tried };
}

/** `kvm: QEMU stopped the firmware (internal-error) after 0.31 s; tcg: a guest booted` */
function describeAll(tried: readonly Tried[]): string {
  return tried.map(({ accelerator, what }) => `${accelerator}: ${what}`).join('; ');
}

async function howToGet(tried: readonly Tried[]): Promise<string> {
  const code = await access('/dev/kvm', constants.R_OK | constants.W_OK).catch((cause) => cause.code);
  // The device is there and not for this user: the one lack that is quickly mended.
  if (code === 'EACCES') return '; join its group: sudo usermod -aG kvm $USER, and log in anew';
  const failed = tried.find(({ works, ran }) => !works && ran !== null);
  return failed === undefined
    ? ''
    : `; this is remembered until the machine, its kernel or QEMU changes: gclab vm start --accelerator ${failed.accelerator} tries it again`;
}
