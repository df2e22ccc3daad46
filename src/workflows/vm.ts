import { GclabError } from '../errors.js';
import type { Target } from '../model.js';
import { consoleOf } from '../provider/console.js';
import { vmDamaged } from '../provider/failure.js';
import { fileSystemFault } from '../provider/file-system-fault.js';
import type { Places } from '../provider/places.js';
import type { DamagedVm, Provider, Reach, Requirement, Vm, VmSpec } from '../provider/provider.js';
import { checkVmName } from '../provider/vm-name.js';
import type { Progress, Work } from '../provider/work.js';
import { formatBytes } from '../units.js';
import type { Listener } from './events.js';
import { Phases } from './phases.js';
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

/** Every VM that gclab made on this controller, of every provider whose tool is there. */
export async function listVms(request: VmRequest): Promise<(Vm | DamagedVm)[]> {
  return (await findAll(request)).map(({ vm }) => vm);
}

export async function createVm(spec: VmSpec, kind: Vm['provider'], request: VmRequest): Promise<Vm> {
  const provider = providerOf(kind, request.places);
  return await told(spec.name, 'creating the VM', request, (work) => provider.create(spec, work), describeVm);
}

/** Resolves once the VM's sshd answers; at once where it does already. */
export async function startVm(name: string, request: VmRequest): Promise<Vm> {
  const { provider } = await find(name, request);
  return await told(name, 'starting the VM', request, (work) => provider.start(name, work), describeVm);
}

/** Powers off; `cut` cuts the power instead. With `ifThere` a VM that does not exist is as good as stopped. */
export async function stopVm(
  name: string,
  how: { readonly cut: boolean; readonly ifThere: boolean },
  request: VmRequest,
): Promise<void> {
  checkVmName(name);
  if (how.ifThere && !(await listVms(request)).some((vm) => vm.name === name)) return;
  const { provider } = await find(name, request);
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
  const { vm } = await find(name, request);
  if (vm.reach !== null) return vm.reach;
  throw new GclabError({
    code: 'not-ready',
    doing: 'reaching the VM',
    target: name,
    what: 'it is stopped',
    hint: `start it with: gclab vm start ${name}`,
  });
}

/** A VM as a target of the other commands, started where it was not running. */
export async function vmTarget(name: string, request: VmRequest): Promise<Target> {
  const { vm, provider } = await find(name, request);
  const reach = vm.reach ?? (await startVm(name, request)).reach;
  if (reach === null) throw new Error(`${name} was started and cannot be reached`);
  const plain = { name: reach.alias, kind: 'ssh', sshConfigFile: reach.sshConfigFile } as const;
  const target = vm.consoleLog === null ? plain : { ...plain, console: consoleOf(vm.consoleLog) };
  const awaitUp = provider.awaitUp?.bind(provider);
  if (awaitUp === undefined) return target;
  return { ...target, awaitUp: (signal) => awaitUp(name, { signal, onProgress: () => {} }) };
}

/** The VM that commands use when no host was named: made where there is none yet, and said so. */
export async function embeddedTarget(
  spec: VmSpec,
  kind: Vm['provider'],
  request: VmRequest,
): Promise<Target> {
  const known = await findAll(request);
  if (!known.some(({ vm }) => vm.name === spec.name)) await createVm(spec, kind, request);
  return await vmTarget(spec.name, request);
}

/** What keeps this provider from making VMs here; null where nothing does. */
export async function whyNoVm(kind: Vm['provider'], request: VmRequest): Promise<string | null> {
  const work: Work = { signal: request.signal, onProgress: () => {} };
  const lacking = (await providerOf(kind, request.places).requirements(work)).filter(
    ({ met, fatal }) => fatal && !met,
  );
  return lacking.length === 0
    ? null
    : lacking.map(({ description }) => `${description} is missing`).join(', ');
}

export interface ProviderReport {
  readonly provider: Vm['provider'];
  /** Nothing fatal is missing. */
  readonly usable: boolean;
  readonly requirements: readonly Requirement[];
}

/** What each provider has and lacks here. */
export async function examineProviders(request: VmRequest): Promise<ProviderReport[]> {
  const work: Work = { signal: request.signal, onProgress: () => {} };
  return await Promise.all(
    PROVIDER_KINDS.map(async (provider) => {
      const requirements = await providerOf(provider, request.places).requirements(work);
      return { provider, usable: requirements.every(({ met, fatal }) => met || !fatal), requirements };
    }),
  );
}

/** Rejects with `vm-unknown` or `vm-damaged`. */
async function find(name: string, request: VmRequest): Promise<Found> {
  const { vm, provider } = await findAny(name, request);
  if (vm.state === 'damaged') throw vmDamaged(name, vm.damage);
  return { vm, provider };
}

async function findAny(name: string, request: VmRequest): Promise<Found<Vm | DamagedVm>> {
  checkVmName(name);
  const all = await findAll(request);
  const found = all.find(({ vm }) => vm.name === name);
  if (found !== undefined) return found;
  const names = all.map(({ vm }) => vm.name).join(', ');
  throw new GclabError({
    code: 'vm-unknown',
    doing: 'looking for the VM',
    target: name,
    what: `there is no VM of that name${names === '' ? '' : `; there are ${names}`}`,
    hint: `make it with: gclab vm create ${name}`,
  });
}

async function findAll(request: VmRequest): Promise<Found<Vm | DamagedVm>[]> {
  const work: Work = { signal: request.signal, onProgress: () => {} };
  const lists = await Promise.all(
    PROVIDER_KINDS.map(async (kind) => {
      const provider = providerOf(kind, request.places);
      const vms = await provider.list(work).catch(noneWithoutTool);
      return vms.map((vm) => ({ vm, provider }));
    }),
  ).catch((cause: unknown) => {
    throw fileSystemFault(cause, 'listing VMs');
  });
  return lists.flat();
}

/** Its tool was taken away since; the VMs of the others are no worse for that. */
function noneWithoutTool(cause: unknown): readonly never[] {
  if (cause instanceof GclabError && cause.code === 'tool-missing') return [];
  throw cause;
}

/** One phase of events around a provider's work. */
async function told<T>(
  name: string,
  doing: string,
  request: VmRequest,
  work: (work: Work) => Promise<T>,
  describe: (result: T) => string,
): Promise<T> {
  const phases = new Phases(name, request.listener);
  const onProgress = (progress: Progress): void =>
    phases.progress(describeProgress(progress), shareOf(progress));
  const explained = (cause: unknown): never => {
    throw fileSystemFault(cause, doing, name);
  };
  return await phases.run(
    'vm',
    () => work({ signal: request.signal, onProgress }).catch(explained),
    describe,
  );
}

function describeProgress(progress: Progress): string {
  const { doing, detail, totalBytes = 0 } = progress;
  const done = shareOf(progress);
  const share = done === undefined ? '' : ` ${Math.floor(done * 100)} % of ${formatBytes(totalBytes)}`;
  return `${doing}${share}${detail === undefined ? '' : `: ${detail}`}`;
}

function shareOf({ doneBytes, totalBytes }: Progress): number | undefined {
  return doneBytes === undefined || !totalBytes ? undefined : doneBytes / totalBytes;
}

/** `running (qemu, tcg, bootstrap:bookworm)` */
function describeVm(vm: Vm): string {
  const details = [vm.provider, vm.accelerator, vm.image].filter((detail) => detail !== null);
  return `${vm.state} (${details.join(', ')})`;
}
