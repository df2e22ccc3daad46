import { access, constants, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { formatBytes } from '../../units.js';
import type { Requirement } from '../provider.js';

/** An image, the room it takes to build it, and a VM's disk. */
const ENOUGH_BYTES = 4 * 2 ** 30;

/** GCLAB_HOME may be written to, or made, and has room for VMs. Looks only. */
export async function homeRequirement(folder: string): Promise<Requirement> {
  const description = 'a home folder with room for VMs';
  const there = await nearest(folder);
  const mayWrite = await access(there, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!mayWrite)
    return { description, met: false, detail: `${there} cannot be written to: set GCLAB_HOME`, fatal: true };
  const { bavail, bsize } = await statfs(there);
  const free = bavail * bsize;
  const advice = free < ENOUGH_BYTES ? ' (an image needs up to 4 GiB while it is built): set GCLAB_HOME' : '';
  return {
    description,
    met: advice === '',
    detail: `${folder}, ${formatBytes(free)} free${advice}`,
    fatal: false,
  };
}

/** The folder itself, or the nearest above it that exists. */
async function nearest(folder: string): Promise<string> {
  const exists = await access(folder).then(
    () => true,
    () => false,
  );
  return exists || dirname(folder) === folder ? folder : nearest(dirname(folder));
}
