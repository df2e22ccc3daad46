import type { Guest } from '../model.js';
import { type BootState, filesOf, grubConfigFile, nextEntry } from './boot-state.js';
import { parameters } from './command-line.js';
import { type RestoreOptions, restore } from './restore.js';

export interface Reverted {
  /** The files put back; empty when the ledger names nothing. */
  readonly paths: readonly string[];
  /** The words of the entry that boots next, read off the grub.cfg made anew; null where there is none. */
  readonly next: readonly string[] | null;
}

/**
 * Undoes what the ledger on the guest names and did not undo yet, the last change first, byte for byte, and has
 * grub.cfg made anew. Called again after a cut it goes on where it was.
 */
export async function revert(guest: Guest, state: BootState, options: RestoreOptions): Promise<Reverted> {
  const changes = state.changes.toReversed();
  let files = state.files;
  for (const [index, change] of changes.entries()) {
    const isLast = index === changes.length - 1;
    const grubConfig = isLast && hasGrub(state) ? 'regenerate' : 'nothing';
    const restored = await restore(guest, { ...change, grubConfig }, options);
    files = new Map([...files, ...filesOf(restored)]);
  }
  return { paths: pathsOf(state), next: nextEntry(files)?.words ?? null };
}

function pathsOf({ changes }: BootState): readonly string[] {
  return [...new Set(changes.flatMap(({ files }) => files.map(({ path }) => path)))];
}

const OURS = new Set(['cgroup_enable', 'cgroup_disable', 'swapaccount']);

/** Whether the kernel runs with what it would boot with, as far as gclab changes it; false where that cannot be told. */
export function runsAsItBoots(commandLine: string, next: Reverted['next']): boolean {
  return next !== null && ours(commandLine) === ours(next.join(' '));
}

function ours(line: string): string {
  const mine = parameters(line).filter(({ name }) => OURS.has(name));
  return mine.map(({ name, value }) => `${name}=${value}`).join(' ');
}

/** A Raspberry Pi has no grub.cfg to make. */
export function hasGrub(state: BootState): boolean {
  return grubConfigFile(state.files) !== null && state.tools.some((tool) => tool.includes('grub'));
}
