import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { GclabError } from '../../errors.js';
import { awaitSsh } from '../await-ssh.js';
import { vmExists, vmUnknown } from '../failure.js';
import { makeKeyPair } from '../keys.js';
import { making, publishFolder, removeFolder } from '../making.js';
import type { DamagedVm, Provider, Reach, Requirement, Vm, VmSpec } from '../provider.js';
import { writeKeys, writeReach } from '../reach.js';
import { checkVmName } from '../vm-name.js';
import { damagedVm, readVmRecord, VmRecord, writeVmRecord } from '../vm-record.js';
import type { Work } from '../work.js';
import type { Instance, Tool } from './tool.js';

type ToolRecord = z.infer<typeof VmRecord>;

const SSHD_MS = 5 * 60_000;

/**
 * VMs kept by another tool. The folder of our own (keys, what was asked for) appears when the tool has made the VM and
 * goes before it is deleted, so what is cut off half-way is never listed, and swept away by the next `create`.
 */
export class ToolProvider implements Provider {
  readonly kind: Tool['kind'];
  readonly #tool: Tool;
  readonly #folder: string;

  constructor(tool: Tool, homeFolder: string) {
    this.kind = tool.kind;
    this.#tool = tool;
    this.#folder = join(homeFolder, tool.kind);
  }

  async requirements(): Promise<readonly Requirement[]> {
    return [await this.#tool.requirement()];
  }

  async create(spec: VmSpec, work: Work): Promise<Vm> {
    const instance = instanceOf(checkVmName(spec.name));
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
    const before = await this.#instance(name, work);
    const instance = instanceOf(name);
    if (!before.running) await this.#tool.start(instance, work);
    const { address } = await this.#instance(name, work);
    if (address === null) throw noAddress(name, this.kind);
    const reach = await this.#writeReach(name, address);
    const never = new AbortController().signal;
    await awaitSsh({ target: name, ...address, ended: never, deadlineMs: SSHD_MS }, work);
    return vmOf(this.kind, await this.#knownRecord(name), { running: true, address }, reach);
  }

  async stop(name: string, work: Work): Promise<void> {
    if ((await this.#instance(name, work)).running) await this.#tool.stop(instanceOf(name), work);
  }

  async kill(name: string, work: Work): Promise<void> {
    if ((await this.#instance(name, work)).running) await this.#tool.kill(instanceOf(name), work);
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

  async #vm(name: string, instance: Instance | undefined): Promise<Vm | undefined> {
    const record = await this.#record(name);
    if (record === undefined || instance === undefined) return undefined;
    const reach =
      instance.running && instance.address ? await this.#writeReach(name, instance.address) : null;
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
  const state = instance?.running ? 'running' : 'stopped';
  return { name, provider, state, image, memoryBytes, cpus, accelerator: null, reach, consoleLog: null };
}

/** Tidying up after an interruption is not to be interrupted by the same. */
function uninterrupted(work: Work): Work {
  return { ...work, signal: new AbortController().signal };
}

function noAddress(target: string, kind: string): GclabError {
  return new GclabError({
    code: 'vm-start',
    doing: 'starting a VM',
    target,
    what: `${kind} says it runs, but not where`,
  });
}
