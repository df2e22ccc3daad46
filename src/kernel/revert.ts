import type { Guest } from '../model.js';
import { type BootState, grubConfigFile } from './boot-state.js';
import { type RestoreOptions, restore } from './restore.js';

export interface Reverted {
  /** The files put back; empty when the ledger names nothing. */
  readonly paths: readonly string[];
  /** The running kernel still has the old options. */
  readonly reboot: boolean;
}

/**
 * Undoes what the ledger on the guest names and did not undo yet, the last change first, byte for byte, and has
 * grub.cfg made anew. Called again after a cut it goes on where it was.
 */
export async function revert(guest: Guest, state: BootState, options: RestoreOptions): Promise<Reverted> {
  const changes = state.changes.toReversed();
  for (const [index, change] of changes.entries()) {
    const isLast = index === changes.length - 1;
    await restore(
      guest,
      { ...change, grubConfig: isLast && hasGrub(state) ? 'regenerate' : 'nothing' },
      options,
    );
  }
  const paths = [...new Set(changes.flatMap(({ files }) => files.map(({ path }) => path)))];
  return { paths, reboot: changes.length > 0 };
}

/** A Raspberry Pi has no grub.cfg to make. */
function hasGrub(state: BootState): boolean {
  return grubConfigFile(state.files) !== null && state.tools.some((tool) => tool.includes('grub'));
}
