import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, rm, stat, writeFile } from 'node:fs/promises';
import { GclabError } from '../../errors.js';
import { timeoutSignal } from '../../timeout-signal.js';
import { formatBytes } from '../../units.js';
import { runOrFail } from '../command.js';
import { interrupted, vmExists } from '../failure.js';
import { type ObtainedImage, obtainImage } from '../images/obtain.js';
import { makeKeyPair } from '../keys.js';
import { making, publishFolder } from '../making.js';
import type { Places } from '../places.js';
import type { VmSpec } from '../provider.js';
import { GUEST_USER, writeKeys } from '../reach.js';
import { noCloudDisk } from '../seed/no-cloud.js';
import type { Work } from '../work.js';
import { chooseAccelerator } from './accelerator.js';
import { findFirmware } from './firmware.js';
import { cutPower, launch } from './launch.js';
import { watchLife } from './monitor.js';
import { type QemuRecord, type VmFolder, vmFolder, writeRecord } from './record.js';

/** cloud-init, update-grub and a power-off, without hardware virtualisation. */
const FIRST_BOOT_MS = 15 * 60_000;

/** Makes the VM in a folder that nobody sees, and shows it when it is whole. */
export async function createVm(
  spec: VmSpec,
  program: string,
  vmsFolder: string,
  target: string,
  places: Places,
  work: Work,
) {
  const image = await obtainImage(spec, places, work);
  const startedAt = performance.now();
  return making(vmsFolder, async (path) => {
    const folder = vmFolder(path);
    const record = await fillFolder(spec, program, image, folder, places, work);
    if (!image.hasKernelOptions) await firstBoot(record, program, folder, vmsFolder, places, work);
    if (!(await publishFolder(path, target))) throw vmExists(spec.name);
    const size = formatBytes(await occupied(vmFolder(target).disk));
    const base = `${formatBytes(image.bytes)} ${image.cached ? 'from the cache' : 'new in the cache'}`;
    const took = Math.round(performance.now() - startedAt);
    work.onProgress({ doing: 'creating the VM', detail: `${size} of its own over ${base}, ${took} ms` });
    return record;
  });
}

async function fillFolder(
  spec: VmSpec,
  program: string,
  image: ObtainedImage,
  folder: VmFolder,
  places: Places,
  work: Work,
) {
  const { architecture } = places.controller;
  const { varsTemplate, ...firmware } = await findFirmware(program, architecture);
  const { name, memoryBytes, cpus } = spec;
  const record: QemuRecord = {
    schema: 1,
    name,
    image: spec.image,
    architecture,
    memoryBytes,
    cpus,
    firmware,
    port: null,
    accelerator: null,
  };
  await copyFile(varsTemplate, folder.vars);
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
async function firstBoot(
  record: QemuRecord,
  program: string,
  folder: VmFolder,
  workFolder: string,
  places: Places,
  work: Work,
) {
  const doing = 'writing the kernel options on a first boot';
  work.onProgress({ doing });
  const { controller, env } = places;
  const { accelerator } = await chooseAccelerator(program, record.architecture, controller, workFolder, work);
  try {
    await launch(record, folder, { program, accelerator, env, announce: async () => undefined }, work);
    const life = await watchLife(folder.life);
    const over = AbortSignal.any([life.ended, work.signal, timeoutSignal(FIRST_BOOT_MS)]);
    if (!over.aborted) await once(over, 'abort');
    life.release();
    if (work.signal.aborted) throw interrupted(doing, work.signal.reason);
    if (!life.ended.aborted)
      throw new GclabError({
        code: 'vm-silent',
        doing,
        target: record.name,
        what: 'the guest never powered off',
      });
  } finally {
    await cutPower(folder);
    await Promise.all([folder.monitor, folder.life, folder.pid].map((file) => rm(file, { force: true })));
  }
}

async function occupied(file: string): Promise<number> {
  return (await stat(file)).blocks * 512;
}
