import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from '../../../zod.js';
import type { Architecture } from '../../controller/places.js';
import { BOOTSTRAP_SUITES, unknownImage } from '../reference.js';

const Distribution = z.object({
  mirror: z.url(),
  folder: z.string(),
  file: z.string(),
  sums: z.object({ file: z.string(), algorithm: z.enum(['sha256', 'sha512']) }),
  /** Release to suite. */
  releases: z.record(z.string(), z.string()),
});

const Catalog = z.record(z.string(), Distribution);

/** Where a published image lies and how it is known to be whole. */
export interface PublishedImage {
  /** `ubuntu:24.04`. */
  readonly label: string;
  readonly file: string;
  readonly url: string;
  readonly sumsUrl: string;
  readonly algorithm: 'sha256' | 'sha512';
}

export interface ImageWanted {
  readonly distribution: string;
  readonly release: string;
  readonly architecture: Architecture;
  /** Takes the place of the distribution's own address; the folders below it are the same. */
  readonly mirror: string | undefined;
}

/** Looks a release up in `cloud.json` of the recipes' folder. */
export async function publishedImage(recipesFolder: string, wanted: ImageWanted): Promise<PublishedImage> {
  const label = `${wanted.distribution}:${wanted.release}`;
  const catalog = Catalog.parse(JSON.parse(await readFile(join(recipesFolder, 'cloud.json'), 'utf8')));
  const entry = Object.hasOwn(catalog, wanted.distribution) ? catalog[wanted.distribution] : undefined;
  const suite =
    entry && Object.hasOwn(entry.releases, wanted.release) ? entry.releases[wanted.release] : undefined;
  if (entry === undefined || suite === undefined) throw unknownImage(label, known(catalog));
  const fill = (pattern: string) =>
    pattern.replace('RELEASE', wanted.release).replace('SUITE', suite).replace('ARCH', wanted.architecture);
  const base = `${(wanted.mirror ?? entry.mirror).replace(/\/+$/, '')}/${fill(entry.folder)}`;
  const file = fill(entry.file);
  return {
    label,
    file,
    url: `${base}/${file}`,
    sumsUrl: `${base}/${entry.sums.file}`,
    algorithm: entry.sums.algorithm,
  };
}

/** `ubuntu:18.04, ubuntu:20.04 …` */
function known(catalog: z.output<typeof Catalog>): string {
  const published = Object.entries(catalog).flatMap(([distribution, { releases }]) =>
    Object.keys(releases).map((release) => `${distribution}:${release}`),
  );
  return `${published.join(', ')}, or ${BOOTSTRAP_SUITES.map((suite) => `bootstrap:${suite}`).join(', ')}`;
}
