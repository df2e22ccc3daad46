import { EXIT, GclabError } from '../errors.js';
import { targetsFromHosts } from '../inventory/from-flags.js';
import type { Target } from '../model.js';
import { printable } from '../printable.js';
import type { VmSpec } from '../provider/provider.js';
import type { BaseCommand } from './base-command.js';
import { badFlag } from './flags.js';

interface TargetFlags {
  readonly host: readonly string[] | undefined;
  readonly vm: readonly string[] | undefined;
}

interface ImageFlags {
  readonly image: string | undefined;
  readonly mirror: string | undefined;
}

/** The targets of a command, or wrong usage where it was told none. VMs that are named are started. */
export async function targetsFrom(command: BaseCommand, flags: TargetFlags): Promise<Target[]> {
  const targets = await namedTargets(command, flags);
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
  const targets = await namedTargets(command, flags);
  return targets.length > 0 ? targets : [await embedded(command, flags, spec)];
}

/** Whether a command is about this target of an earlier run: about all of them where it names none. */
export function isNamed(
  record: { readonly target: string; readonly vm: boolean },
  flags: TargetFlags,
): boolean {
  if (flags.host === undefined && flags.vm === undefined) return true;
  return ((record.vm ? flags.vm : flags.host) ?? []).includes(record.target);
}

/** The targets of an earlier run, as they were: VMs are started where they are not running. */
export async function targetsOfRecords(
  command: BaseCommand,
  records: readonly { readonly target: string; readonly vm: boolean }[],
): Promise<Target[]> {
  const targets: Target[] = [];
  for (const { target, vm } of records) {
    targets.push(...(vm ? [await startedVm(command, target)] : targetsFromHosts([target])));
  }
  return targets;
}

async function namedTargets(command: BaseCommand, flags: TargetFlags): Promise<Target[]> {
  const hosts = targetsFromHosts(flags.host ?? []);
  const vms: Target[] = [];
  for (const name of new Set(flags.vm ?? [])) vms.push(await startedVm(command, name));
  return [...hosts, ...vms];
}

async function startedVm(command: BaseCommand, name: string): Promise<Target> {
  const [{ vmTarget }, { vmSurroundings }] = await vmModules();
  const { request, finish } = await vmSurroundings(command, name, undefined);
  return await vmTarget(name, request).finally(finish);
}

/** Where no VM can be had, a Linux controller is its own guest: said, never silently, and not where an image was asked for. */
async function embedded(command: BaseCommand, flags: ImageFlags, spec: VmSpec): Promise<Target> {
  const [vms, { vmSurroundings }] = await vmModules();
  const { request, finish } = await vmSurroundings(command, spec.name, flags.mirror);
  try {
    const why = await vms.whyNoVm('qemu', request);
    if (why !== null) throw noVm(why);
    const there = (await vms.listVms(request)).find(({ name }) => name === spec.name);
    const image = there === undefined || there.state === 'damaged' ? spec.image : there.image;
    if (flags.image !== undefined && image !== flags.image) throw otherImage(spec.name, image);
    command.note(
      `no host was named: using the VM ${spec.name} (${image}); gclab vm delete ${spec.name} removes it`,
    );
    return await vms.embeddedTarget(spec, 'qemu', request);
  } catch (error) {
    const isOurs = error instanceof GclabError && error.exitCode !== EXIT.usage;
    if (!isOurs || command.signal.aborted || flags.image !== undefined) throw error;
    return thisMachine(command, error.message);
  } finally {
    await finish();
  }
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
  return { name: 'local', kind: 'local' };
}

function vmModules(): Promise<[typeof import('../workflows/vm.js'), typeof import('./vm-surroundings.js')]> {
  return Promise.all([import('../workflows/vm.js'), import('./vm-surroundings.js')]);
}
