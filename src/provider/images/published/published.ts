import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GclabError } from '../../../errors.js';
import { isAlive } from '../../../process-alive.js';

import type { Work } from '../../provider.js';
import { type CachedImage, cached } from '../cache.js';
import type { PublishedImage } from './catalog.js';
import { sumOf } from './checksums.js';
import { download, fetchText } from './download.js';

/** A server that says nothing for this long is not going to. */
export const IDLE_MS = 30_000;

/** The image, from the cache or from its publisher, verified against the published sum. */
export async function fetchPublished(
  image: PublishedImage,
  cacheFolder: string,
  work: Work,
  idleMs = IDLE_MS,
): Promise<CachedImage> {
  const key = await currentKey(image, cacheFolder, work, idleMs);
  return cached(cacheFolder, key.name, async (_folder, target) => {
    // Outside the folder that is thrown away, so that a later try goes on where this one stopped.
    const partFile = await claimPartFile(join(cacheFolder, 'parts'), key.name);
    const { url, algorithm, label } = image;
    await download({ url, partFile, algorithm, sum: key.sum, label, idleMs }, work);
    await rename(partFile, target);
  });
}

/** What is published now; without an answer, the newest that was fetched before. */
async function currentKey(image: PublishedImage, cacheFolder: string, work: Work, idleMs: number) {
  const prefix = `${image.file}-`;
  try {
    const sum = await publishedSum(image, work, idleMs);
    return { name: `${prefix}${sum.slice(0, 32)}`, sum };
  } catch (cause) {
    const name = work.signal.aborted ? undefined : await newestCached(cacheFolder, prefix);
    if (name === undefined) throw cause;
    work.onProgress({
      doing: `looking up ${image.label}`,
      detail: 'no answer; taking the one fetched before',
    });
    return { name, sum: '' };
  }
}

async function publishedSum(image: PublishedImage, work: Work, idleMs: number): Promise<string> {
  work.onProgress({ doing: `looking up ${image.label}` });
  const sum = sumOf(await fetchText(image.sumsUrl, image.label, work, idleMs), image.file);
  if (sum !== undefined) return sum;
  throw new GclabError({
    code: 'download-failed',
    doing: `downloading ${image.label}`,
    what: `${image.sumsUrl} does not list ${image.file}`,
    hint: 'check --mirror: the folders below it must be those of the distribution',
  });
}

async function newestCached(cacheFolder: string, prefix: string): Promise<string | undefined> {
  const names = (await readdir(cacheFolder).catch(() => [])).filter((name) => name.startsWith(prefix));
  const aged = await Promise.all(
    names.map(async (name) => ({ name, time: (await stat(join(cacheFolder, name))).mtimeMs })),
  );
  return aged.sort((a, b) => b.time - a.time)[0]?.name.replace(/\.qcow2$/, '');
}

/**
 * The file that an unfinished download of `key` lies in. It carries the id of the process that writes it, so that two at
 * once do not write the same file, and what a gone process left is taken over.
 */
async function claimPartFile(folder: string, key: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const mine = join(folder, `${key}.${process.pid}`);
  for (const entry of await readdir(folder)) {
    const pid = Number(entry.slice(key.length + 1));
    if (!entry.startsWith(`${key}.`) || !Number.isInteger(pid) || isAlive(pid)) continue;
    await rename(join(folder, entry), mine);
    break;
  }
  return mine;
}
