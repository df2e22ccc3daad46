import { resolve } from 'node:path';
import { EXIT, GclabError } from '../../errors.js';
import { distinctTargets } from '../../inventory/distinct.js';
import { hostTarget, LOCAL, vmTarget } from '../../inventory/targets.js';
import type { Target } from '../../model.js';
import { printable } from '../../printable.js';
import type { Accelerator, VmSpec } from '../../provider/provider.js';
import { checkVmName } from '../../provider/vm/vm-name.js';
import type { VmRequest } from '../../workflows/vm/vm.js';
import type { BaseCommand } from '../frame/base-command.js';
import { onVms } from '../frame/flow.js';
import { badFlag } from './kinds.js';

export interface TargetFlags {
  readonly host: readonly string[] | undefined;
  readonly vm: readonly string[] | undefined;
  readonly 'ssh-config': string | undefined;
}

interface ImageFlags {
  readonly image: string | undefined;
  readonly mirror: string | undefined;
  readonly accelerator: Accelerator | undefined;
}

/** The targets of a command, or wrong usage where it was told none. */
export function targetsFrom(command: BaseCommand, flags: TargetFlags): Target[] {
  const targets = namedTargets(command, flags);
  if (targets.length > 0) return targets;
  badFlag(
    'no host was named',
    'name one with --host HOST (what ssh takes), --host local (this machine) or --vm NAME',
  );
}

/** Like `targetsFrom`, but where nothing is named the embedded VM is made or started. */
export async function targetsOrEmbedded(
  command: BaseCommand,
  flags: TargetFlags & ImageFlags,
  spec: VmSpec,
): Promise<Target[]> {
  const targets = namedTargets(command, flags);
  return targets.length > 0 ? targets : [await embedded(command, flags, spec)];
}

/** Whether a command is about this target of an earlier run: about all of them where it names none. */
export function isNamed(target: Target, flags: TargetFlags): boolean {
  if (flags.host === undefined && flags.vm === undefined) return true;
  return allNamed(flags).some(({ id }) => id === target.id);
}

/** The targets of an earlier run as it recorded them, or reached by another ssh_config where one is named now. */
export function targetsOfRecords(records: readonly Target[], flags: TargetFlags): Target[] {
  const configFile = flags['ssh-config'];
  return records.map(({ id, name, source, labels, ssh }) => ({
    ...{ id, name, source, labels },
    ssh:
      ssh !== null && source.kind === 'host' && configFile !== undefined
        ? { ...ssh, configFile: resolve(configFile) }
        : ssh,
  }));
}

/** What the flags name, each once; what was folded is said. */
function namedTargets(command: BaseCommand, flags: TargetFlags): Target[] {
  const { targets, notes } = distinctTargets(allNamed(flags));
  for (const note of notes) command.note(printable(note));
  return [...targets];
}

function allNamed(flags: TargetFlags): Target[] {
  const hosts = (flags.host ?? []).map((name) => hostTarget(name, flags['ssh-config']));
  return [...hosts, ...(flags.vm ?? []).map((name) => vmTarget(checkVmName(name), null))];
}

/** Where no VM can be had, a Linux controller is its own guest: said, never silently, and not where an image or an accelerator was asked for. */
async function embedded(command: BaseCommand, flags: ImageFlags, spec: VmSpec): Promise<Target> {
  let isAskedFor = flags.image !== undefined;
  try {
    return await onVms(command, spec.name, flags, (request) => {
      isAskedFor ||= forcedAccelerator(request) !== undefined;
      return embeddedVm(command, flags, spec, request);
    });
  } catch (error) {
    const isOurs = error instanceof GclabError && error.exitCode !== EXIT.usage;
    if (!isOurs || command.signal.aborted || isAskedFor) throw error;
    return thisMachine(command, error.message);
  }
}

async function embeddedVm(
  command: BaseCommand,
  flags: ImageFlags,
  spec: VmSpec,
  request: VmRequest,
): Promise<Target> {
  const [vms, { embeddedTarget }] = await Promise.all([
    import('../../workflows/vm/vm.js'),
    import('../../workflows/vm/control.js'),
  ]);
  const kind = await embeddedProvider(vms, request);
  const there = (await vms.listVms(request)).vms.find(({ name }) => name === spec.name);
  const image = there === undefined || there.state === 'damaged' ? spec.image : there.image;
  if (flags.image !== undefined && image !== flags.image) throw otherImage(spec.name, image);
  command.note(
    `no host was named: using the VM ${spec.name} (${image}); gclab vm delete ${spec.name} removes it`,
  );
  return await embeddedTarget(spec, kind, request);
}

/** What makes the embedded VM: the first of these that can. */
const EMBEDDED_PROVIDERS = ['qemu', 'lima'] as const;

async function embeddedProvider(
  vms: typeof import('../../workflows/vm/vm.js'),
  request: VmRequest,
): Promise<(typeof EMBEDDED_PROVIDERS)[number]> {
  const lacks: string[] = [];
  // An accelerator means something to QEMU alone.
  const kinds = forcedAccelerator(request) === undefined ? EMBEDDED_PROVIDERS : (['qemu'] as const);
  for (const kind of kinds) {
    const why = await vms.whyNoVm(kind, request);
    if (why === null) return kind;
    lacks.push(why);
  }
  throw noVm(lacks.join('; '));
}

function forcedAccelerator({ places }: VmRequest): Accelerator | undefined {
  return places.accelerator.flag ?? places.accelerator.setting;
}

function noVm(what: string): GclabError {
  return new GclabError({
    code: 'tool-missing',
    doing: 'looking for what makes VMs',
    what,
    hint: 'gclab doctor says what to install; or name a host with --host',
  });
}

function otherImage(name: string, image: string): GclabError {
  return new GclabError({
    code: 'vm-exists',
    doing: 'choosing the VM',
    target: name,
    what: `it is there already, made of ${image}`,
    hint: `gclab vm delete ${name} first; or make another with gclab vm create NAME --image …, and use that with --vm NAME`,
  });
}

function thisMachine(command: BaseCommand, why: string): Target {
  if (process.platform !== 'linux') {
    badFlag(
      `no host was named, and no VM can be had here: ${why}`,
      'see gclab doctor, or name a host with --host',
    );
  }
  command.note(`no VM can be had here (${printable(why)}): using this machine, as --host local does`);
  return LOCAL;
}
