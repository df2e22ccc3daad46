import type { Architecture } from './images/architecture.js';

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
}
