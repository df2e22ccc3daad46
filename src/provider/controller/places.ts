import { GclabError } from '../../errors.js';
import type { Accelerator } from '../provider.js';

/** Everything of the controller that a provider uses; given once, read nowhere else. */
export interface Places {
  /** GCLAB_HOME: VMs and cached images lie below it. */
  readonly homeFolder: string;
  /** `provision/images` of the installed gclab. */
  readonly recipesFolder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly controller: {
    readonly architecture: Architecture;
    readonly platform: string;
    /** The name of who gclab runs as; null for root, whom nobody has to play. */
    readonly ordinaryUser: string | null;
  };
  /** `--mirror`: of Debian's packages for a bootstrapped image, of published images otherwise. */
  readonly mirror: string | undefined;
  /** What must run QEMU's VMs, or none: by `--accelerator` of this command, and by `GCLAB_ACCELERATOR` for all. */
  readonly accelerator: {
    readonly flag: Accelerator | undefined;
    readonly setting: Accelerator | undefined;
  };
}

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
