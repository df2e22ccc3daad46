import { setTimeout as sleep } from 'node:timers/promises';
import { timeoutSignal } from '../../../concurrency/timeout-signal.js';
import { GclabError } from '../../../errors.js';
import { isAlive } from '../../../process-alive.js';
import { interrupted } from '../../controller/failure.js';
import type { Work } from '../../provider.js';
import { making } from '../../vm/making.js';
import { ask, isListening, statusOf } from '../monitor/session.js';
import { type VmFolder, vmFolder } from '../record.js';
import { findQemu } from './find.js';
import { endQemu } from './launch.js';

/** A QEMU that was told to quit does so in a moment. */
const QUIT_MS = 10_000;
const LOOK_EVERY_MS = 20;

/** Whether a VM has its power. Either sign is enough: the process, or that its monitor answers. */
export async function hasPower(folder: VmFolder): Promise<boolean> {
  return (await findQemu(folder)) !== undefined || (await isListening(folder.monitor));
}

/** Ends QEMU at once, as a power cut would, and resolves when it is gone. Fine when it isn't there. */
export async function cutPower(folder: VmFolder): Promise<void> {
  const deadline = timeoutSignal(QUIT_MS);
  while (!deadline.aborted) {
    const qemu = await findQemu(folder);
    if (qemu !== undefined) return await endQemu(qemu.pid);
    if (!(await isListening(folder.monitor))) return;
    // On its end QEMU takes its pid file away before its sockets; or somebody has removed the file.
    await ask(folder.monitor, 'quit');
    await sleep(LOOK_EVERY_MS);
  }
  throw new GclabError({
    code: 'tool-failed',
    doing: 'cutting the power of a VM',
    what: `a QEMU listens on ${folder.monitor}, and does not end`,
    hint: 'end that process by hand',
  });
}

/** A folder for a QEMU that nobody sees. What a killed gclab left running in one of its own is ended first. */
export function makingMachine<T>(parent: string, make: (folder: string) => Promise<T>): Promise<T> {
  return making(parent, make, (left) => cutPower(vmFolder(left)));
}

/** Presses the power button and waits until the guest is off; after `patienceMs` the power is cut. */
export async function powerOff(folder: VmFolder, patienceMs: number, work: Work): Promise<void> {
  const qemu = await findQemu(folder);
  if (qemu === undefined) return await cutPower(folder);
  const doing = 'powering off';
  work.onProgress({ doing });
  const status = await statusOf(folder.monitor);
  const isAwake = status === undefined || status === 'running';
  if (!isAwake) work.onProgress({ doing, detail: `the guest does not run (${status}); cutting the power` });
  else if ((await ask(folder.monitor, 'system_powerdown')) !== undefined) {
    await goneWithin(qemu.pid, patienceMs, work.signal);
    if (work.signal.aborted) throw interrupted(doing, work.signal.reason);
    if (isAlive(qemu.pid)) work.onProgress({ doing, detail: 'no answer; cutting the power' });
  }
  await endQemu(qemu.pid);
}

async function goneWithin(pid: number, ms: number, signal: AbortSignal): Promise<void> {
  const over = AbortSignal.any([signal, timeoutSignal(ms)]);
  while (!over.aborted && isAlive(pid)) await sleep(LOOK_EVERY_MS);
}
