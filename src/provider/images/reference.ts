import { GclabError } from '../../errors.js';

export const BOOTSTRAP_SUITES = ['bullseye', 'bookworm', 'trixie', 'sid'] as const;

export type BootstrapSuite = (typeof BOOTSTRAP_SUITES)[number];

const EXAMPLES = `ubuntu:24.04, debian:12, or bootstrap:SUITE with one of ${BOOTSTRAP_SUITES.join(', ')}`;

/** What `--image` names, taken apart. Whether a published release exists is the catalogue's to say. */
export type ImageReference =
  | { readonly kind: 'bootstrap'; readonly suite: BootstrapSuite }
  | { readonly kind: 'published'; readonly distribution: string; readonly release: string };

export function parseImage(text: string): ImageReference {
  const [, source = '', version = ''] = /^([a-z]+):([a-z0-9.]+)$/.exec(text) ?? [];
  if (source === '') throw unknownImage(text);
  if (source !== 'bootstrap') return { kind: 'published', distribution: source, release: version };
  const suite = BOOTSTRAP_SUITES.find((known) => known === version);
  if (suite === undefined) throw unknownImage(text);
  return { kind: 'bootstrap', suite };
}

/** `known`: what could have been named; without it, an example of each kind. */
export function unknownImage(text: string, known = EXAMPLES): GclabError {
  return new GclabError({
    code: 'image-unknown',
    doing: 'choosing an image',
    what: `there is no image ${JSON.stringify(text)}`,
    hint: `take ${known}`,
  });
}
