import { join } from 'node:path';
import { GclabError } from '../../errors.js';
import type { Places } from '../controller/places.js';
import type { Work } from '../provider.js';
import { bootstrapImage } from './bootstrap/bootstrap.js';
import type { CachedImage } from './cache.js';
import { publishedImage } from './published/catalog.js';
import { fetchPublished } from './published/published.js';
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
  const { architecture, platform } = places.controller;
  if (reference.kind === 'bootstrap') {
    if (platform !== 'linux') throw needsLinux(wanted.image);
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

/** Debian's packages are installed into the image by running them. */
function needsLinux(image: string): GclabError {
  return new GclabError({
    code: 'image-unknown',
    doing: 'choosing an image',
    what: `${image} is built from Debian packages, which only a Linux controller can do`,
    hint: 'take a published image: ubuntu:24.04 or debian:12',
  });
}
