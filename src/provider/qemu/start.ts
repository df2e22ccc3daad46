import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GclabError } from '../../errors.js';
import type { Work } from '../provider.js';
import { awaitSsh } from '../vm/await-ssh.js';
import { consoleOf } from '../vm/console.js';
import { writeReach } from '../vm/reach.js';
import { type Booting, boot, type SILENCE_MS, type Starter } from './boot.js';
import { isLost } from './monitor/fault.js';
import { isNetworkUp, statusOf } from './monitor/session.js';
import { GuestWatch } from './monitor/watch.js';
import { findQemu } from './process/find.js';
import { locked } from './process/lock.js';
import { cutPower, hasPower } from './process/power.js';
import { type QemuRecord, readRecord, type VmFolder, writeRecord } from './record.js';

/** Until sshd answers: a first boot of a published image without hardware virtualisation takes minutes. */
const START_MS = 10 * 60_000;

/** Resolves once sshd answers. A VM that was launched here and does not get so far is left off; only one gclab starts it at a time. */
export async function startVm(name: string, folder: VmFolder, starter: Starter, work: Work): Promise<void> {
  await locked(folder.lock, work, async () => {
    const record = await readRecord(folder.path, name);
    if (await runsAlready(record, folder, starter, work))
      await awaitRunning(name, folder, starter.silenceMs, work);
    else await boot(record, folder, starter, (booting) => greeted(booting, folder, work), work);
  });
}

/** Where the guest waits for a power cut, it gets that. */
async function runsAlready(
  record: QemuRecord,
  folder: VmFolder,
  starter: Starter,
  work: Work,
): Promise<boolean> {
  if (!(await hasPower(folder))) return false;
  const status = (await statusOf(folder.monitor)) ?? 'running';
  if (isLost(status)) {
    work.onNote(`the VM was found stopped by QEMU (${status}): cutting its power, and starting it again`);
    await cutPower(folder);
    return false;
  }
  const { name: target, accelerator } = record;
  const again = `gclab vm stop ${target}, then start it again`;
  if (status !== 'running')
    throw new GclabError({
      ...startingVm(target),
      what: `QEMU has stopped the guest (${status})`,
      hint: again,
    });
  const flag = starter.places.accelerator.flag;
  if (flag !== undefined && accelerator !== flag)
    throw new GclabError({
      ...startingVm(target),
      what: `it runs already, with ${accelerator} and not ${flag}`,
      hint: again,
    });
  return true;
}

/** Resolves once the sshd of a VM that runs greets, also while the guest reboots. */
export async function awaitRunning(
  name: string,
  folder: VmFolder,
  patience: typeof SILENCE_MS,
  work: Work,
): Promise<void> {
  const recorded = await readRecord(folder.path, name);
  const { accelerator } = recorded;
  const port = (await findQemu(folder))?.port ?? recorded.port;
  if (port === null)
    throw new GclabError({ ...startingVm(name), what: 'neither its process nor its record names a port' });
  // Whoever launched it may have been killed before it wrote this.
  if (port !== recorded.port) await announce(folder, { ...recorded, port });
  const silenceMs = patience[accelerator ?? 'tcg'];
  const watch = new GuestWatch({ name, folder, accelerator, consoleFrom: 0, silenceMs });
  try {
    await watch.begin();
    await awaitGreeting(name, port, folder, watch, work);
  } finally {
    watch.release();
  }
}

async function greeted(booting: Booting, folder: VmFolder, work: Work): Promise<void> {
  const { record, accelerator, launched, watch } = booting;
  const { port } = launched;
  await announce(folder, { ...record, port, accelerator });
  await awaitGreeting(record.name, port, folder, watch, work);
}

/** Only of what was launched: another gclab may be using what is written here. */
async function announce(folder: VmFolder, record: QemuRecord & { readonly port: number }): Promise<void> {
  const hostKey = await readFile(join(folder.path, 'host_key.pub'), 'utf8');
  const { name, port } = record;
  await writeReach(folder.path, { name, host: '127.0.0.1', port, hostKey });
  await writeRecord(folder.path, record);
}

async function awaitGreeting(
  target: string,
  port: number,
  folder: VmFolder,
  watch: GuestWatch,
  work: Work,
): Promise<void> {
  const where = { target, host: '127.0.0.1', port, deadlineMs: START_MS };
  const tookMs = await awaitSsh(
    {
      ...where,
      failed: watch.failed,
      describe: () => watch.describe(),
      console: consoleOf(folder.console),
      // Where QEMU does not tell, an attempt does.
      isUp: async () => (await isNetworkUp(folder.monitor)) ?? true,
    },
    work,
  );
  work.onProgress({ doing: 'waiting for sshd', detail: `answered after ${(tookMs / 1_000).toFixed(1)} s` });
}

function startingVm(target: string) {
  return { code: 'vm-start', doing: 'starting a VM', target } as const;
}
