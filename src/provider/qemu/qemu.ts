import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GclabError } from '../../errors.js';
import { vmExists } from '../controller/failure.js';
import { findTool } from '../controller/find-tool.js';
import type { Places } from '../controller/places.js';
import type { DamagedVm, Provider, Requirement, Vm, VmSpec, Work } from '../provider.js';
import { removeFolder } from '../vm/making.js';
import { reachOf } from '../vm/reach.js';
import { checkVmName } from '../vm/vm-name.js';
import { damagedVm } from '../vm/vm-record.js';
import { SILENCE_MS, type Starter } from './boot.js';
import { createVm } from './create.js';
import { statusOf } from './monitor/session.js';
import { qemuProgram } from './process/argv.js';
import { findQemu } from './process/find.js';
import { cutPower, hasPower, powerOff } from './process/power.js';
import { readRecord, recordedNames, type VmFolder, vmFolder } from './record.js';
import { qemuRequirements, socketPathFits } from './requirements.js';
import { awaitRunning, startVm } from './start.js';

/** Until the power is cut: a guest without hardware virtualisation shuts down in ten seconds or so. */
const STOP_MS = 90_000;

/** VMs run by QEMU itself: `vms/NAME` of GCLAB_HOME holds everything of one. */
export class QemuProvider implements Provider {
  readonly kind = 'qemu';
  readonly #places: Places;
  readonly #vmsFolder: string;
  readonly #silenceMs: typeof SILENCE_MS;

  /** `silenceMs`: how long a booting guest may be silent, by its accelerator. */
  constructor(places: Places, silenceMs = SILENCE_MS) {
    this.#places = places;
    this.#vmsFolder = join(places.homeFolder, 'vms');
    this.#silenceMs = silenceMs;
  }

  requirements(work: Work): Promise<readonly Requirement[]> {
    return qemuRequirements(this.#places, work);
  }

  async create(spec: VmSpec, work: Work): Promise<Vm> {
    const path = this.#pathOf(checkVmName(spec.name));
    if (!socketPathFits(this.#vmsFolder, spec.name)) throw pathTooLong(path);
    if (await exists(path)) throw vmExists(spec.name);
    await createVm(spec, await this.#starter(), this.#vmsFolder, path, work);
    return this.#vm(spec.name);
  }

  async start(name: string, work: Work): Promise<Vm> {
    const folder = vmFolder(this.#pathOf(checkVmName(name)));
    await readRecord(folder.path, name);
    await startVm(name, folder, await this.#starter(), work);
    return this.#vm(name);
  }

  async awaitUp(name: string, work: Work): Promise<void> {
    await awaitRunning(name, vmFolder(this.#pathOf(checkVmName(name))), this.#silenceMs, work);
  }

  async stop(name: string, work: Work): Promise<void> {
    const path = this.#pathOf(checkVmName(name));
    await readRecord(path, name);
    await powerOff(vmFolder(path), STOP_MS, work);
  }

  async kill(name: string): Promise<void> {
    const path = this.#pathOf(checkVmName(name));
    await readRecord(path, name);
    await cutPower(vmFolder(path));
  }

  async restart(name: string, work: Work): Promise<Vm> {
    await this.stop(name, work);
    return this.start(name, work);
  }

  async delete(name: string): Promise<void> {
    const path = this.#pathOf(checkVmName(name));
    if (!(await exists(path))) return;
    await cutPower(vmFolder(path));
    await removeFolder(this.#vmsFolder, path);
  }

  async list(): Promise<readonly (Vm | DamagedVm)[]> {
    const names = await recordedNames(this.#vmsFolder);
    const found = await Promise.all(names.map((name) => this.#vm(name).catch(unreadable(name))));
    return found.filter((vm) => vm !== undefined);
  }

  async #vm(name: string): Promise<Vm> {
    const path = this.#pathOf(name);
    const folder = vmFolder(path);
    const record = await readRecord(path, name);
    const { image, memoryBytes, cpus, accelerator } = record;
    const state = await stateOf(folder);
    const port = (await findQemu(folder))?.port ?? record.port;
    const isReached = state === 'running' && port !== null;
    const reach = isReached ? reachOf(path, { name, host: '127.0.0.1', port }) : null;
    const consoleLog = folder.console;
    return { name, provider: 'qemu', state, image, memoryBytes, cpus, accelerator, reach, consoleLog };
  }

  async #starter(): Promise<Starter> {
    return { program: await this.#program(), places: this.#places, silenceMs: this.#silenceMs };
  }

  async #program(): Promise<string> {
    const tool = qemuProgram(this.#places.controller.architecture);
    const found = await findTool(tool, this.#places.env);
    if (found !== undefined) return found;
    throw new GclabError({
      code: 'tool-missing',
      doing: 'looking for QEMU',
      what: `${tool} is not installed`,
      hint: 'gclab doctor says what to install',
    });
  }

  #pathOf(name: string): string {
    return join(this.#vmsFolder, name);
  }
}

function pathTooLong(path: string): GclabError {
  return new GclabError({
    code: 'vm-name',
    doing: 'creating a VM',
    what: `${path} is too long for a socket inside it`,
    hint: 'set GCLAB_HOME to a shorter path',
  });
}

/** What QEMU says of a guest that it runs; one that does not answer at the moment is taken at its word that it runs. */
async function stateOf(folder: VmFolder): Promise<Vm['state']> {
  if (!(await hasPower(folder))) return 'stopped';
  const status = (await statusOf(folder.monitor)) ?? 'running';
  return status === 'running' ? 'running' : 'stalled';
}

/** Between the listing and the reading it may have been deleted. */
function unreadable(name: string): (cause: unknown) => DamagedVm | undefined {
  return (cause) =>
    cause instanceof GclabError && cause.code === 'vm-unknown' ? undefined : damagedVm('qemu', name, cause);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
