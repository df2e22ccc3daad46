import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { awaitSsh } from '../await-ssh.js';
import { ProviderError, vmExists } from '../failure.js';
import { findTool } from '../find-tool.js';
import { removeFolder } from '../making.js';
import type { Places } from '../places.js';
import type { Provider, Requirement, Vm, VmSpec } from '../provider.js';
import { reachOf, writeReach } from '../reach.js';
import { checkVmName } from '../vm-name.js';
import type { Work } from '../work.js';
import { chooseAccelerator } from './accelerator.js';
import { qemuProgram } from './argv.js';
import { createVm } from './create.js';
import { cutPower, launch } from './launch.js';
import { locked } from './lock.js';
import { isListening, watchLife } from './monitor.js';
import { powerOff } from './power.js';
import { type QemuRecord, readRecord, recordedNames, vmFolder, writeRecord } from './record.js';
import { qemuRequirements } from './requirements.js';

/** Until sshd answers: a first boot of a published image without hardware virtualisation takes minutes. */
const START_MS = 10 * 60_000;

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
    let launched = false;
    try {
      await locked(folder.lock, work, async () => {
        if (await isListening(folder.life)) return;
        launched = true;
        await this.#launch(name, work);
      });
      await this.#awaitSsh(name, work);
    } catch (cause) {
      // A VM that ran before may be in use by somebody.
      if (launched) await cutPower(folder);
      throw cause;
    }
    return this.#vm(name);
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

  async list(): Promise<readonly Vm[]> {
    const names = await recordedNames(this.#vmsFolder);
    const found = await Promise.all(names.map((name) => this.#vm(name).catch(undefinedIfUnknown)));
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

  async #launch(name: string, work: Work): Promise<void> {
    const folder = vmFolder(this.#pathOf(name));
    const record = await readRecord(folder.path, name);
    const program = await this.#program();
    const { env, controller } = this.#places;
    const choice = await chooseAccelerator(program, record.architecture, controller, this.#vmsFolder, work);
    tellChoice(choice, work);
    const port = await launch(record, folder, { program, accelerator: choice.accelerator, env }, work);
    const hostKey = await readFile(join(folder.path, 'host_key.pub'), 'utf8');
    await writeReach(folder.path, { name, host: '127.0.0.1', port, hostKey });
    await writeRecord(folder.path, { ...record, port, accelerator: choice.accelerator });
  }

  async #awaitSsh(name: string, work: Work): Promise<void> {
    const folder = vmFolder(this.#pathOf(name));
    const { port } = await this.#runningRecord(name);
    const life = await watchLife(folder.life);
    try {
      await awaitSsh(
        { target: name, host: '127.0.0.1', port, ended: life.ended, deadlineMs: START_MS },
        work,
      );
    } finally {
      life.release();
    }
  }

  async #runningRecord(name: string): Promise<QemuRecord & { port: number }> {
    const record = await readRecord(this.#pathOf(name), name);
    if (record.port !== null) return { ...record, port: record.port };
    throw new ProviderError('vm-start', {
      doing: 'starting a VM',
      target: name,
      what: 'its record names no port',
    });
  }

  async #program(): Promise<string> {
    const tool = qemuProgram(this.#places.controller.architecture);
    const found = await findTool(tool, this.#places.env);
    if (found !== undefined) return found;
    throw new ProviderError('tool-missing', {
      doing: 'looking for QEMU',
      what: `${tool} is not installed`,
      hint: 'gclab doctor says what to install',
    });
  }

  #pathOf(name: string): string {
    return join(this.#vmsFolder, name);
  }
}

function tellChoice(choice: Awaited<ReturnType<typeof chooseAccelerator>>, work: Work): void {
  const refused = choice.refused.map(({ accelerator, why }) => `; ${accelerator} was tried: ${why}`).join('');
  work.onProgress({ doing: 'starting QEMU', detail: `accelerator ${choice.accelerator}${refused}` });
}

function checkSocketPath(path: string): void {
  // While it is made, a VM's folder has a longer name.
  const longest = Buffer.byteLength(join(path, '..', '.making-4194304-999', 'life'));
  if (Math.max(longest, Buffer.byteLength(join(path, 'life'))) <= SOCKET_PATH_BYTES) return;
  throw new ProviderError('vm-name', {
    doing: 'creating a VM',
    what: `${path} is too long for a socket inside it`,
    hint: 'set GCLAB_HOME to a shorter path',
  });
}

/** Between the listing and the reading it may have been deleted. */
function undefinedIfUnknown(cause: unknown): undefined {
  if (cause instanceof ProviderError && cause.fault === 'vm-unknown') return undefined;
  throw cause;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
