import { chmod, link, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { making } from '../vm/making.js';

export interface CachedImage {
  readonly file: string;
  /** What it occupies here. */
  readonly bytes: number;
  /** It was here before. */
  readonly cached: boolean;
}

/**
 * Images under names that say their content, so that an entry never changes. `make` writes `image` inside the folder it
 * is given; only a finished file gets its name, and never over another: VMs lie on top of the one that is there.
 */
export async function cached(
  folder: string,
  key: string,
  make: (workFolder: string, image: string) => Promise<void>,
): Promise<CachedImage> {
  const file = join(folder, `${key}.qcow2`);
  const there = await look(file);
  if (there !== undefined) return { file, bytes: there, cached: true };
  await mkdir(folder, { recursive: true });
  await making(folder, async (work) => {
    const image = join(work, 'image');
    await make(work, image);
    await chmod(image, 0o444);
    await publish(image, file);
  });
  return { file, bytes: (await look(file)) ?? 0, cached: false };
}

async function publish(image: string, file: string): Promise<void> {
  try {
    await link(image, file);
  } catch (cause) {
    // Somebody else was quicker with the same content.
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  }
}

async function look(file: string): Promise<number | undefined> {
  const found = await stat(file).catch(() => undefined);
  return found && found.blocks * 512;
}
