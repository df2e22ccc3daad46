import type { Privilege, Target } from '../../model.js';
import type { Spawn } from './process.js';

/** What running commands needs to know about the guest it runs them on. */
export interface CommandContext {
  readonly target: Target;
  readonly spawn: Spawn;
  readonly lost: AbortSignal;
  readonly privilege: () => { readonly privilege: Privilege; readonly password: string | undefined };
}
