import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GclabError } from '../../errors.js';
import { vmExists } from '../failure.js';
import { findTool } from '../find-tool.js';
import { removeFolder } from '../making.js';
import type { Places } from '../places.js';
import type { DamagedVm, Provider, Requirement, Vm, VmSpec } from '../provider.js';
import { reachOf } from '../reach.js';
import { checkVmName } from '../vm-name.js';
import { damagedVm } from '../vm-record.js';
import type { Work } from '../work.js';
import { qemuProgram } from './argv.js';
import { createVm } from './create.js';
import { cutPower } from './launch.js';
import { isListening } from './monitor.js';
import { powerOff } from './power.js';
import { readRecord, recordedNames, vmFolder } from './record.js';
import { qemuRequirements } from './requirements.js';
import { awaitGuest, startVm } from './start.js';

/** Until the power is cut: a guest without hardware virtualisation shuts down in ten seconds or so. */
const STOP_MS = 90_000;

/** The longest path of a socket on macOS; Linux has four more. */
const SOCKET_PATH_BYTES = 103;

/** VMs run by QEMU itself: `vms/NAME` of GCLAB_HOME holds everything of one. */
export class QemuProvider implements Provider {
  readonly kind = 'qemu';
  readonly #places: Places;
  readonly #vmsFolder: string;

  constructor(places: Places) {
    this.#places = places;
    this.#vmsFolder = join(places.homeFolder, 'vms');
  }

  requirements(work: Work): Promise<readonly Requirement[]> {
    return qemuRequirements(this.#places, this.#vmsFolder, work);
  }

  async create(spec: VmSpec, work: Work): Promise<Vm> {
    const path = this.#pathOf(checkVmName(spec.name));
    checkSocketPath(path);
    if (await exists(path)) throw vmExists(spec.name);
    await createVm(spec, await this.#program(), this.#vmsFolder, path, this.#places, work);
    return this.#vm(spec.name);
  }

  async start(name: string, work: Work): Promise<Vm> {
    const folder = vmFolder(this.#pathOf(checkVmName(name)));
    await readRecord(folder.path, name);
    const starter = { program: await this.#program(), vmsFolder: this.#vmsFolder, places: this.#places };
    await startVm(name, folder, starter, work);
    return this.#vm(name);
  }

  async awaitUp(name: string, work: Work): Promise<void> {
    await awaitGuest(name, vmFolder(this.#pathOf(checkVmName(name))), work);
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
    const { image, memoryBytes, cpus, accelerator, port } = record;
    const running = await isListening(folder.life);
    const reach = running && port !== null ? reachOf(path, { name, host: '127.0.0.1', port }) : null;
    const state = running ? 'running' : 'stopped';
    return {
      name,
      provider: 'qemu',
      state,
      image,
      memoryBytes,
      cpus,
      accelerator,
      reach,
      consoleLog: folder.console,
    };
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

function checkSocketPath(path: string): void {
  // While it is made, a VM's folder has a longer name.
  const longest = Buffer.byteLength(join(path, '..', '.making-4194304-999', 'life'));
  if (Math.max(longest, Buffer.byteLength(join(path, 'life'))) <= SOCKET_PATH_BYTES) return;
  throw new GclabError({
    code: 'vm-name',
    doing: 'creating a VM',
    what: `${path} is too long for a socket inside it`,
    hint: 'set GCLAB_HOME to a shorter path',
  });
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
