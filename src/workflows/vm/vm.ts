import { GclabError } from '../../errors.js';
import type { Listener } from '../../fleet/events.js';
import { Phases } from '../../fleet/phases.js';
import { vmTargetId } from '../../inventory/target-id.js';
import { vmDamaged } from '../../provider/controller/failure.js';
import { fileSystemFault } from '../../provider/controller/file-system-fault.js';
import type { Places } from '../../provider/controller/places.js';
import {
  type DamagedVm,
  type Progress,
  type Provider,
  type Reach,
  type Requirement,
  untold,
  type Vm,
  type VmSpec,
  type Work,
} from '../../provider/provider.js';
import { checkVmName } from '../../provider/vm/vm-name.js';
import { formatBytes } from '../../units.js';
import { PROVIDER_KINDS, providerOf } from './providers.js';

export interface VmRequest {
  readonly places: Places;
  readonly listener: Listener;
  readonly signal: AbortSignal;
}

/** A VM and the provider that keeps it. */
interface Found<V = Vm> {
  readonly vm: V;
  readonly provider: Provider;
}

/** Every VM that gclab made on this controller. */
export interface VmList {
  readonly vms: readonly (Vm | DamagedVm)[];
  /** The providers whose VMs cannot be told at the moment, with why. Those of the others are no worse for that. */
  readonly failures: readonly GclabError[];
}

export async function listVms(request: VmRequest): Promise<VmList> {
  const { found, failures } = await findAll(request);
  return { vms: found.map(({ vm }) => vm), failures };
}

export async function createVm(spec: VmSpec, kind: Vm['provider'], request: VmRequest): Promise<Vm> {
  const provider = providerOf(kind, request.places);
  return await told(spec.name, 'creating the VM', request, (work) => provider.create(spec, work), describeVm);
}

/** Resolves once the VM's sshd answers; at once where it does already. */
export async function startVm(name: string, request: VmRequest): Promise<Vm> {
  const { provider } = await findVm(name, request);
  return await told(name, 'starting the VM', request, (work) => provider.start(name, work), describeVm);
}

/** Powers off; `cut` cuts the power instead. With `ifThere` a VM that does not exist is as good as stopped. */
export async function stopVm(
  name: string,
  how: { readonly cut: boolean; readonly ifThere: boolean },
  request: VmRequest,
): Promise<void> {
  checkVmName(name);
  if (how.ifThere && (await isNowhere(name, request))) return;
  const { provider } = await findVm(name, request);
  const stop = (work: Work): Promise<void> =>
    how.cut ? provider.kill(name, work) : provider.stop(name, work);
  await told(name, 'stopping the VM', request, stop, () => (how.cut ? 'power cut' : 'powered off'));
}

export async function deleteVm(name: string, request: VmRequest): Promise<void> {
  const { provider } = await findAny(name, request);
  await told(
    name,
    'deleting the VM',
    request,
    (work) => provider.delete(name, work),
    () => 'deleted',
  );
}

/** How to reach a VM that runs; `not-ready` where it does not. */
export async function reachVm(name: string, request: VmRequest): Promise<Reach> {
  const { vm } = await findVm(name, request);
  if (vm.reach !== null) return vm.reach;
  throw new GclabError({
    code: 'not-ready',
    doing: 'reaching the VM',
    target: name,
    what: 'it is stopped',
    hint: `start it with: gclab vm start ${name}`,
  });
}

/** What keeps this provider from making VMs here; null where nothing does. */
export async function whyNoVm(kind: Vm['provider'], request: VmRequest): Promise<string | null> {
  const work = untold(request.signal);
  const lacking = (await providerOf(kind, request.places).requirements(work)).filter(
    ({ met, fatal }) => fatal && !met,
  );
  return lacking.length === 0
    ? null
    : lacking.map(({ description, detail }) => `${description}: ${detail}`).join(', ');
}

export interface ProviderReport {
  readonly provider: Vm['provider'];
  /** Nothing fatal is missing. */
  readonly usable: boolean;
  readonly requirements: readonly Requirement[];
}

/** What each provider has and lacks here. */
export async function examineProviders(request: VmRequest): Promise<ProviderReport[]> {
  const work = untold(request.signal);
  return await Promise.all(
    PROVIDER_KINDS.map(async (provider) => {
      const requirements = await providerOf(provider, request.places).requirements(work);
      return { provider, usable: requirements.every(({ met, fatal }) => met || !fatal), requirements };
    }),
  );
}

/** Rejects with `vm-unknown` or `vm-damaged`. */
export async function findVm(name: string, request: VmRequest): Promise<Found> {
  const { vm, provider } = await findAny(name, request);
  if (vm.state === 'damaged') throw vmDamaged(name, vm.damage);
  return { vm, provider };
}

async function findAny(name: string, request: VmRequest): Promise<Found<Vm | DamagedVm>> {
  checkVmName(name);
  const { found: all, failures } = await findAll(request);
  const found = all.find(({ vm }) => vm.name === name);
  if (found !== undefined) return found;
  // It may be one of those that could not be listed.
  if (failures[0] !== undefined) throw failures[0];
  const names = all.map(({ vm }) => vm.name).join(', ');
  throw new GclabError({
    code: 'vm-unknown',
    doing: 'looking for the VM',
    target: name,
    what: `there is no VM of that name${names === '' ? '' : `; there are ${names}`}`,
    hint: `make it with: gclab vm create ${name}`,
  });
}

/** Whether there is certainly no VM of that name. */
async function isNowhere(name: string, request: VmRequest): Promise<boolean> {
  const { vms, failures } = await listVms(request);
  return failures.length === 0 && !vms.some((vm) => vm.name === name);
}

interface AllFound {
  readonly found: readonly Found<Vm | DamagedVm>[];
  readonly failures: readonly GclabError[];
}

async function findAll(request: VmRequest): Promise<AllFound> {
  const lists = await Promise.all(PROVIDER_KINDS.map((kind) => findOf(kind, request)));
  return {
    found: lists.flatMap(({ found }) => found),
    failures: lists.flatMap(({ failures }) => failures),
  };
}

/** Rejects where no provider could do better: when interrupted, or for a fault of the home folder. */
async function findOf(kind: Vm['provider'], request: VmRequest): Promise<AllFound> {
  const provider = providerOf(kind, request.places);
  try {
    const vms = await provider.list(untold(request.signal));
    return { found: vms.map((vm) => ({ vm, provider })), failures: [] };
  } catch (cause) {
    const fault = fileSystemFault(cause, 'listing VMs');
    // Its tool was taken away since.
    if (fault instanceof GclabError && fault.code === 'tool-missing') return { found: [], failures: [] };
    if (fault instanceof GclabError && TOOL_FAULTS.has(fault.code)) return { found: [], failures: [fault] };
    throw fault;
  }
}

const TOOL_FAULTS: ReadonlySet<string> = new Set(['tool-failed', 'tool-answer']);

/** One phase of events around a provider's work. */
async function told<T>(
  name: string,
  doing: string,
  request: VmRequest,
  work: (work: Work) => Promise<T>,
  describe: (result: T) => string,
): Promise<T> {
  const phases = new Phases(vmTargetId(name), request.listener);
  const onProgress = (progress: Progress): void =>
    phases.progress(describeProgress(progress), shareOf(progress));
  const explained = (cause: unknown): never => {
    throw fileSystemFault(cause, doing, name);
  };
  return await phases.run(
    'vm',
    () => work({ signal: request.signal, onProgress, onNote: (text) => phases.note(text) }).catch(explained),
    describe,
  );
}

/** In one line, for progress. */
export function describeProgress(progress: Progress): string {
  const { doing, detail, totalBytes = 0 } = progress;
  const done = shareOf(progress);
  const share = done === undefined ? '' : ` ${Math.floor(done * 100)} % of ${formatBytes(totalBytes)}`;
  return `${doing}${share}${detail === undefined ? '' : `: ${detail}`}`;
}

/** How much of it is done, from 0 to 1; undefined where that is not known. */
export function shareOf({ doneBytes, totalBytes }: Progress): number | undefined {
  return doneBytes === undefined || !totalBytes ? undefined : doneBytes / totalBytes;
}

/** `running (qemu, tcg, bootstrap:bookworm)` */
function describeVm(vm: Vm): string {
  const details = [vm.provider, vm.accelerator, vm.image].filter((detail) => detail !== null);
  return `${vm.state} (${details.join(', ')})`;
}
