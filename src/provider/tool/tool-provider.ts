import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { timeoutSignal } from '../../concurrency/timeout-signal.js';
import { GclabError } from '../../errors.js';
import type * as z from '../../zod.js';
import { stopIfAborted, vmExists, vmUnknown } from '../controller/failure.js';
import type { Places } from '../controller/places.js';
import type { Accelerator, DamagedVm, Provider, Reach, Requirement, Vm, VmSpec, Work } from '../provider.js';
import { awaitSsh } from '../vm/await-ssh.js';
import { making, publishFolder, removeFolder } from '../vm/making.js';
import { makeKeyPair, writeKeys, writeReach } from '../vm/reach.js';
import { checkVmName } from '../vm/vm-name.js';
import { damagedVm, readVmRecord, VmRecord, writeVmRecord } from '../vm/vm-record.js';
import type { Instance, Tool } from './tool.js';

type ToolRecord = z.infer<typeof VmRecord>;

const SSHD_MS = 5 * 60_000;

/** DHCP and what it waits for. */
const ADDRESS_MS = 60_000;
const LOOK_EVERY_MS = 1_000;

/**
 * VMs kept by another tool. The folder of our own (keys, what was asked for) appears when the tool has made the VM and
 * goes before it is deleted, so what is cut off half-way is never listed, and swept away by the next `create`.
 */
export class ToolProvider implements Provider {
  readonly kind: Tool['kind'];
  readonly #tool: Tool;
  readonly #folder: string;

  readonly #accelerator: Places['accelerator'];

  readonly #addressMs: number;

  /** `addressMs`: how long a running VM may be without an address. */
  constructor(tool: Tool, places: Pick<Places, 'homeFolder' | 'accelerator'>, addressMs = ADDRESS_MS) {
    this.kind = tool.kind;
    this.#tool = tool;
    this.#folder = join(places.homeFolder, tool.kind);
    this.#accelerator = places.accelerator;
    this.#addressMs = addressMs;
  }

  async requirements(work: Work): Promise<readonly Requirement[]> {
    return [await this.#tool.requirement(work)];
  }

  async create(spec: VmSpec, work: Work): Promise<Vm> {
    const instance = instanceOf(checkVmName(spec.name));
    this.#refuseAccelerator(spec.accelerator ?? undefined);
    if ((await this.#record(spec.name)) !== undefined) throw vmExists(spec.name);
    await this.#deleteInstance(instance, work);
    const { name, image, memoryBytes, cpus } = spec;
    const record: ToolRecord = { schema: 1, name, image, memoryBytes, cpus };
    await making(this.#folder, async (path) => {
      const client = makeKeyPair(`gclab-${name}`);
      const hostKey = makeKeyPair(name);
      await writeKeys(path, client, hostKey);
      await writeVmRecord(path, record);
      work.onProgress({ doing: `creating the VM with ${this.kind}` });
      try {
        await this.#tool.create(instance, spec, { authorizedKey: client.publicKey, hostKey }, work);
        if (!(await publishFolder(path, join(this.#folder, name)))) throw vmExists(name);
      } catch (cause) {
        await this.#deleteInstance(instance, uninterrupted(work));
        throw cause;
      }
    });
    return vmOf(this.kind, record, undefined, null);
  }

  async start(name: string, work: Work): Promise<Vm> {
    this.#refuseAccelerator(this.#accelerator.flag);
    const before = await this.#instance(name, work);
    const instance = instanceOf(name);
    if (before.state !== 'running') await this.#tool.start(instance, work);
    const address = await this.#awaitAddress(name, work);
    const reach = await this.#writeReach(name, address);
    await awaitSsh({ target: name, ...address, deadlineMs: SSHD_MS }, work);
    return vmOf(this.kind, await this.#knownRecord(name), { state: 'running', address }, reach);
  }

  async stop(name: string, work: Work): Promise<void> {
    if ((await this.#instance(name, work)).state !== 'stopped') await this.#tool.stop(instanceOf(name), work);
  }

  async kill(name: string, work: Work): Promise<void> {
    if ((await this.#instance(name, work)).state !== 'stopped') await this.#tool.kill(instanceOf(name), work);
  }

  async restart(name: string, work: Work): Promise<Vm> {
    await this.stop(name, work);
    return this.start(name, work);
  }

  async delete(name: string, work: Work): Promise<void> {
    await removeFolder(this.#folder, join(this.#folder, checkVmName(name)));
    await this.#deleteInstance(instanceOf(name), work);
  }

  async list(work: Work): Promise<readonly (Vm | DamagedVm)[]> {
    await mkdir(this.#folder, { recursive: true });
    const names = (await readdir(this.#folder)).filter((name) => !name.startsWith('.')).sort();
    if (names.length === 0) return [];
    const instances = await this.#tool.instances(work);
    const vms = await Promise.all(
      names.map((name) =>
        this.#vm(name, instances.get(instanceOf(name))).catch((cause) => damagedVm(this.kind, name, cause)),
      ),
    );
    return vms.filter((vm) => vm !== undefined);
  }

  /** What was said for this command cannot be done; `GCLAB_ACCELERATOR` is meant for the VMs that it can mean something to. */
  #refuseAccelerator(accelerator: Accelerator | undefined): void {
    if (accelerator === undefined) return;
    throw new GclabError({
      code: 'bad-flag',
      doing: 'choosing an accelerator',
      what: `${this.kind} chooses its own: --accelerator ${accelerator} means nothing to it`,
      hint: 'leave it out, or take the provider qemu',
    });
  }

  async #vm(name: string, instance: Instance | undefined): Promise<Vm | undefined> {
    const record = await this.#record(name);
    if (record === undefined || instance === undefined) return undefined;
    const reach =
      instance.state === 'running' && instance.address
        ? await this.#writeReach(name, instance.address)
        : null;
    return vmOf(this.kind, record, instance, reach);
  }

  /** Addresses change from start to start. */
  async #writeReach(name: string, address: { host: string; port: number }): Promise<Reach> {
    const folder = join(this.#folder, name);
    const hostKey = await readFile(join(folder, 'host_key.pub'), 'utf8');
    return writeReach(folder, { name, ...address, hostKey });
  }

  async #deleteInstance(instance: string, work: Work): Promise<void> {
    if ((await this.#tool.instances(work)).has(instance)) await this.#tool.delete(instance, work);
  }

  /** A VM that has just begun to run may not have one yet. */
  async #awaitAddress(name: string, work: Work): Promise<NonNullable<Instance['address']>> {
    const deadline = timeoutSignal(this.#addressMs);
    for (;;) {
      const { state, address } = await this.#instance(name, work);
      if (address !== null) return address;
      if (state !== 'running' || deadline.aborted) throw noAddress(name, this.kind, state);
      work.onProgress({ doing: `waiting for the address that ${this.kind} gives it` });
      await sleep(LOOK_EVERY_MS, null, { signal: AbortSignal.any([work.signal, deadline]) }).catch(
        () => null,
      );
      stopIfAborted(work.signal, 'starting the VM');
    }
  }

  async #instance(name: string, work: Work): Promise<Instance> {
    await this.#knownRecord(checkVmName(name));
    const instance = (await this.#tool.instances(work)).get(instanceOf(name));
    if (instance !== undefined) return instance;
    throw vmUnknown(name, `${this.kind} has it no more`);
  }

  async #knownRecord(name: string): Promise<ToolRecord> {
    const record = await this.#record(name);
    if (record !== undefined) return record;
    throw vmUnknown(name);
  }

  #record(name: string): Promise<ToolRecord | undefined> {
    return readVmRecord(VmRecord, join(this.#folder, name), name);
  }
}

/** The tool may have other VMs, with names of their own. */
export function instanceOf(name: string): string {
  return `gclab-${name}`;
}

function vmOf(
  provider: Tool['kind'],
  record: ToolRecord,
  instance: Instance | undefined,
  reach: Reach | null,
): Vm {
  const { name, image, memoryBytes, cpus } = record;
  const state = instance?.state ?? 'stopped';
  return { name, provider, state, image, memoryBytes, cpus, accelerator: null, reach, consoleLog: null };
}

/** Tidying up after an interruption is not to be interrupted by the same. */
function uninterrupted(work: Work): Work {
  return { ...work, signal: new AbortController().signal };
}

function noAddress(target: string, kind: string, state: Instance['state']): GclabError {
  return new GclabError({
    code: 'vm-start',
    doing: 'starting a VM',
    target,
    what: state === 'running' ? `${kind} says it runs, but not where` : `${kind} says it is ${state}`,
  });
}
