import { access, constants } from 'node:fs/promises';
import { findTool } from '../find-tool.js';
import { homeRequirement } from '../home-requirement.js';
import { bootstrapRequirements } from '../images/bootstrap-requirements.js';
import type { Places } from '../places.js';
import type { Requirement } from '../provider.js';
import type { Work } from '../work.js';
import { chooseAccelerator } from './accelerator.js';
import { qemuProgram } from './argv.js';
import { findFirmware } from './firmware.js';

/** What QEMU VMs need here; the accelerator is tried for real. */
export async function qemuRequirements(
  places: Places,
  workFolder: string,
  work: Work,
): Promise<readonly Requirement[]> {
  const find = (tool: string) => findTool(tool, places.env);
  const program = await find(qemuProgram(places.controller.architecture));
  const home = await homeRequirement(places.homeFolder);
  return [
    tool(
      qemuProgram(places.controller.architecture),
      program,
      SYSTEM_PACKAGES[places.controller.architecture],
    ),
    tool('qemu-img', await find('qemu-img'), 'qemu-utils'),
    await firmware(program, places),
    home,
    await accelerator(home.fatal && !home.met ? undefined : program, places, workFolder, work),
    ...(places.controller.platform === 'linux'
      ? await bootstrapRequirements(find, places.controller.ordinaryUser)
      : []),
  ];
}

const SYSTEM_PACKAGES = { amd64: 'qemu-system-x86', arm64: 'qemu-system-arm' } as const;

function tool(name: string, found: string | undefined, debianPackage: string): Requirement {
  const install = `install it (macOS: brew install qemu; Debian and Ubuntu: apt-get install ${debianPackage})`;
  return { description: name, met: found !== undefined, detail: found ?? install, fatal: true };
}

async function firmware(program: string | undefined, places: Places): Promise<Requirement> {
  const description = 'UEFI firmware';
  try {
    const found = await findFirmware(program ?? 'qemu', places.controller.architecture);
    return { description, met: true, detail: found.code, fatal: true };
  } catch (cause) {
    return { description, met: false, detail: hintOf(cause), fatal: true };
  }
}

async function accelerator(
  program: string | undefined,
  places: Places,
  workFolder: string,
  work: Work,
): Promise<Requirement> {
  const description = 'hardware virtualisation';
  if (program === undefined)
    return { description, met: false, detail: 'not tried without the above', fatal: false };
  const { controller } = places;
  const choice = await chooseAccelerator(program, controller.architecture, controller, workFolder, work);
  const why = choice.refused.map((refused) => `${refused.accelerator}: ${refused.why}`).join('; ');
  const met = choice.accelerator !== 'tcg';
  return {
    description,
    met,
    detail: met ? choice.accelerator : `VMs are emulated, some ten times slower (${why})${await howToGet()}`,
    fatal: false,
  };
}

/** The device is there and not for this user: the one lack that is quickly mended. */
async function howToGet(): Promise<string> {
  const code = await access('/dev/kvm', constants.R_OK | constants.W_OK).catch((cause) => cause.code);
  return code === 'EACCES' ? '; join its group: sudo usermod -aG kvm $USER, and log in anew' : '';
}

function hintOf(cause: unknown): string {
  return cause instanceof Error && 'hint' in cause ? String(cause.hint) : String(cause);
}
