import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GclabError } from '../../errors.js';
import { awaitSsh } from '../await-ssh.js';
import { consoleOf } from '../console.js';
import type { Places } from '../places.js';
import { writeReach } from '../reach.js';
import type { Work } from '../work.js';
import { type AcceleratorChoice, chooseAccelerator } from './accelerator.js';
import { cutPower, launch } from './launch.js';
import { locked } from './lock.js';
import { isListening, watchLife } from './monitor.js';
import { isNetworkUp } from './network-up.js';
import { readRecord, type VmFolder, writeRecord } from './record.js';

/** Until sshd answers: a first boot of a published image without hardware virtualisation takes minutes. */
const START_MS = 10 * 60_000;

export interface Starter {
  readonly program: string;
  readonly vmsFolder: string;
  readonly places: Places;
}

/** Resolves once sshd answers. A VM that was launched here and does not get so far is left off. */
export async function startVm(name: string, folder: VmFolder, starter: Starter, work: Work): Promise<void> {
  let launched = false;
  // What earlier boots wrote to the console says nothing about this one.
  let from = 0;
  try {
    await locked(folder.lock, work, async () => {
      if (await isListening(folder.life)) return;
      launched = true;
      from = (await stat(folder.console).catch(() => undefined))?.size ?? 0;
      await launchVm(name, folder, starter, work);
    });
    await awaitGuest(name, folder, work, from);
  } catch (cause) {
    // A VM that ran before may be in use by somebody.
    if (launched) await cutPower(folder);
    throw cause;
  }
}

async function launchVm(name: string, folder: VmFolder, starter: Starter, work: Work): Promise<void> {
  const record = await readRecord(folder.path, name);
  const { env, controller } = starter.places;
  const choice = await chooseAccelerator(
    starter.program,
    record.architecture,
    controller,
    starter.vmsFolder,
    work,
  );
  tellChoice(choice, work);
  const hostKey = await readFile(join(folder.path, 'host_key.pub'), 'utf8');
  const { accelerator } = choice;
  // Written first: whoever finds it running, even after we were killed, finds the way to it.
  const announce = async (port: number) => {
    await writeReach(folder.path, { name, host: '127.0.0.1', port, hostKey });
    await writeRecord(folder.path, { ...record, port, accelerator });
  };
  await launch(record, folder, { program: starter.program, accelerator, env, announce }, work);
}

/** Resolves once the sshd of a VM that runs greets. `consoleFrom`: what of its console log is of earlier boots, in bytes. */
export async function awaitGuest(name: string, folder: VmFolder, work: Work, consoleFrom = 0): Promise<void> {
  const { port } = await readRecord(folder.path, name);
  if (port === null)
    throw new GclabError({ code: 'vm-start', ...starting(name), what: 'its record names no port' });
  const life = await watchLife(folder.life);
  try {
    const where = { target: name, host: '127.0.0.1', port, isUp: () => isNetworkUp(folder.monitor) };
    const console = consoleOf(folder.console, consoleFrom);
    const tookMs = await awaitSsh({ ...where, console, ended: life.ended, deadlineMs: START_MS }, work);
    work.onProgress({ doing: 'waiting for sshd', detail: `answered after ${(tookMs / 1_000).toFixed(1)} s` });
  } finally {
    life.release();
  }
}

function starting(target: string) {
  return { doing: 'starting a VM', target };
}

function tellChoice(choice: AcceleratorChoice, work: Work): void {
  const refused = choice.refused.map(({ accelerator, why }) => `; ${accelerator} was tried: ${why}`).join('');
  work.onProgress({ doing: 'starting QEMU', detail: `accelerator ${choice.accelerator}${refused}` });
}
