import { GclabError } from '../../errors.js';

/** Debian's names, which are Go's as well. */
export type Architecture = 'amd64' | 'arm64';

/** The controller's own, from `process.arch`. */
export function architectureOf(nodeName: string): Architecture {
  if (nodeName === 'x64') return 'amd64';
  if (nodeName === 'arm64') return 'arm64';
  throw new GclabError({
    code: 'tool-missing',
    doing: 'choosing an image',
    what: `there are no images for ${nodeName}`,
    hint: 'VMs are made on x86-64 and arm64 controllers; a guest reached by ssh may be another',
  });
}
