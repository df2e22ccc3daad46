import { join } from 'node:path';
import type { Places } from '../places.js';
import type { Work } from '../work.js';
import { bootstrapImage } from './bootstrap.js';
import type { CachedImage } from './cache.js';
import { publishedImage } from './catalog.js';
import { fetchPublished } from './published.js';
import { parseImage } from './reference.js';

export interface ObtainedImage extends CachedImage {
  /** The kernel options are in the image. Where they aren't, the guest's first boot has to see to them. */
  readonly hasKernelOptions: boolean;
  /** Published images grow to what they are given, and come with little room. */
  readonly diskBytes: number | null;
}

const PUBLISHED_DISK_BYTES = 10 * 2 ** 30;

/** The image that `--image` names, from the cache where it is there. */
export async function obtainImage(
  wanted: { readonly image: string; readonly kernelOptions: string },
  places: Places,
  work: Work,
): Promise<ObtainedImage> {
  const reference = parseImage(wanted.image);
  const cacheFolder = join(places.homeFolder, 'images');
  const { architecture } = places.controller;
  if (reference.kind === 'bootstrap') {
    const { suite } = reference;
    const recipe = { suite, architecture, kernelOptions: wanted.kernelOptions, mirror: places.mirror };
    const image = await bootstrapImage(recipe, { ...places, cacheFolder }, work);
    return { ...image, hasKernelOptions: true, diskBytes: null };
  }
  const published = await publishedImage(places.recipesFolder, {
    ...reference,
    architecture,
    mirror: places.mirror,
  });
  const image = await fetchPublished(published, cacheFolder, work);
  return { ...image, hasKernelOptions: wanted.kernelOptions === '', diskBytes: PUBLISHED_DISK_BYTES };
}
