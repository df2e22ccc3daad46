import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rm, stat, writeFile } from 'node:fs/promises';
import { timeoutSignal } from '../../concurrency/timeout-signal.js';
import { GclabError } from '../../errors.js';
import { formatBytes } from '../../units.js';
import { runOrFail } from '../controller/command.js';
import { interrupted, vmExists } from '../controller/failure.js';
import type { Places } from '../controller/places.js';
import { type ObtainedImage, obtainImage } from '../images/obtain.js';
import type { VmSpec, Work } from '../provider.js';
import { noCloudDisk } from '../seed/no-cloud.js';
import { publishFolder } from '../vm/making.js';
import { GUEST_USER, makeKeyPair, writeKeys } from '../vm/reach.js';
import { boot, type Starter } from './boot.js';
import { copyVars, findFirmware } from './firmware.js';
import { GuestFault } from './monitor/fault.js';
import type { GuestWatch } from './monitor/watch.js';
import { makingMachine } from './process/power.js';
import { type QemuRecord, type VmFolder, vmFolder, writeRecord } from './record.js';

/** cloud-init, update-grub and a power-off, without hardware virtualisation. */
const FIRST_BOOT_MS = 15 * 60_000;

/** Makes the VM in a folder that nobody sees, and shows it when it is whole. */
export async function createVm(
  spec: VmSpec,
  starter: Starter,
  vmsFolder: string,
  target: string,
  work: Work,
): Promise<void> {
  const image = await obtainImage(spec, starter.places, work);
  const startedAt = performance.now();
  await makingMachine(vmsFolder, async (path) => {
    const folder = vmFolder(path);
    const record = await fillFolder(spec, starter, image, folder, work);
    if (!image.hasKernelOptions) await firstBoot(record, folder, starter, work);
    if (!(await publishFolder(path, target))) throw vmExists(spec.name);
    const size = formatBytes(await occupied(vmFolder(target).disk));
    const base = `${formatBytes(image.bytes)} ${image.cached ? 'from the cache' : 'new in the cache'}`;
    const took = Math.round(performance.now() - startedAt);
    work.onProgress({ doing: 'creating the VM', detail: `${size} of its own over ${base}, ${took} ms` });
  });
}

async function fillFolder(
  spec: VmSpec,
  starter: Starter,
  image: ObtainedImage,
  folder: VmFolder,
  work: Work,
): Promise<QemuRecord> {
  const { places, program } = starter;
  const { architecture } = places.controller;
  const firmware = await findFirmware(program, architecture);
  const { name, memoryBytes, cpus, accelerator: wantedAccelerator } = spec;
  const size = { memoryBytes, cpus };
  const lastStart = { firmware, port: null, accelerator: null };
  const record: QemuRecord = {
    schema: 1,
    name,
    image: spec.image,
    architecture,
    ...size,
    ...lastStart,
    wantedAccelerator,
  };
  await copyVars(firmware, folder.vars);
  await overlay(image, folder, places, work);
  await writeSeed(spec, image, folder);
  await writeRecord(folder.path, record);
  return record;
}

/** The VM writes to a file of its own; the image below it stays as it is, shared by all. */
async function overlay(image: ObtainedImage, folder: VmFolder, places: Places, work: Work): Promise<void> {
  const size = image.diskBytes === null ? [] : [String(image.diskBytes)];
  const argv = [
    'qemu-img',
    'create',
    '-q',
    '-f',
    'qcow2',
    '-F',
    'qcow2',
    '-b',
    image.file,
    folder.disk,
    ...size,
  ] as const;
  await runOrFail([...argv], { doing: 'making the disk', signal: work.signal, env: places.env });
}

async function writeSeed(spec: VmSpec, image: ObtainedImage, folder: VmFolder): Promise<void> {
  const client = makeKeyPair(`gclab-${spec.name}`);
  const hostKey = makeKeyPair(spec.name);
  await writeKeys(folder.path, client, hostKey);
  const seed = noCloudDisk({
    name: spec.name,
    instanceId: randomUUID(),
    user: GUEST_USER,
    authorizedKey: client.publicKey,
    hostKey,
    kernelOptions: image.hasKernelOptions ? '' : spec.kernelOptions,
  });
  await writeFile(folder.seed, seed, { mode: 0o600 });
}

/** A published image takes its kernel options while it boots for the first time, and powers off. */
async function firstBoot(record: QemuRecord, folder: VmFolder, starter: Starter, work: Work): Promise<void> {
  const doing = 'writing the kernel options on a first boot';
  work.onProgress({ doing });
  try {
    await boot(record, folder, starter, ({ watch }) => poweredOff(record.name, watch, doing, work), work);
  } finally {
    await Promise.all([folder.monitor, folder.events, folder.pid].map((file) => rm(file, { force: true })));
  }
}

async function poweredOff(target: string, watch: GuestWatch, doing: string, work: Work): Promise<void> {
  const over = AbortSignal.any([watch.failed, work.signal, timeoutSignal(FIRST_BOOT_MS)]);
  if (!over.aborted) await once(over, 'abort');
  if (work.signal.aborted) throw interrupted(doing, work.signal.reason);
  const { aborted, reason } = watch.failed;
  if (!aborted)
    throw new GclabError({ code: 'vm-silent', doing, target, what: 'the guest never powered off' });
  if (!(reason instanceof GuestFault && reason.kind === 'powered-off')) throw reason;
}

async function occupied(file: string): Promise<number> {
  return (await stat(file)).blocks * 512;
}
