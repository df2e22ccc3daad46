import type { Facts, Guest, Obstacle } from '../../../model.js';
import { parameters } from '../../command-line.js';
import { type BootState, filesOf, grubConfigFile, nextEntry } from '../boot-state.js';
import type { FileEdit } from '../plan/edits.js';
import { noRoot } from '../plan/refusal.js';
import { type RestoreOptions, restore } from './restore.js';
import { type Undone, undone } from './undo.js';

/** The steps that undo what the ledger names, each with its reason. */
export interface RevertPlan {
  readonly edits: readonly FileEdit[];
  /** update-grub has to run. */
  readonly regenerate: boolean;
  /** What the ledger names, or that it names nothing. */
  readonly reasons: readonly string[];
  /** Why gclab does not carry it out; null where it does. */
  readonly refusal: Obstacle | null;
  readonly state: BootState;
}

/** What undoes all that the guest's ledger names of its boot. Pure. */
export function planRevert(facts: Facts, state: BootState): RevertPlan {
  const { changes } = state;
  if (changes.length === 0) {
    const reasons = ['the ledger names nothing to undo'];
    return { edits: [], regenerate: false, reasons, refusal: null, state };
  }
  const { contents, obstacle } = undone(state, changes);
  return {
    edits: pathsOf(state).map((path) => editOf(path, state, contents)),
    regenerate: changes.some(({ kind }) => kind === 'kernel-options') && hasGrub(state),
    reasons: changes.map(reason),
    // Without root the backups cannot be read, and nothing can be foretold of them.
    refusal: facts.privilege === 'none' ? noRoot(facts) : obstacle,
    state,
  };
}

function editOf(path: string, state: BootState, contents: Undone['contents']): FileEdit {
  const file = [...state.files.values()].find(({ realPath }) => realPath === path);
  const first = state.changes.find(({ files }) => files.some((one) => one.path === path));
  const why = `as it was before ${first?.id} changed it`;
  return { path, before: file?.content ?? null, after: contents.get(path) ?? null, why };
}

function reason({ kind, id, at, applied }: BootState['changes'][number]): string {
  const what = kind === 'trial-boot' ? 'a trial boot' : 'the kernel options';
  return `${id} changed ${what} at ${at}${applied ? '' : ', and did not come to its end'}`;
}

export interface Reverted {
  /** The files put back. */
  readonly paths: readonly string[];
  /** The words of the entry that boots next, read off the grub.cfg made anew; null where there is none. */
  readonly next: readonly string[] | null;
}

/**
 * Undoes what the ledger on the guest names and did not undo yet, the last change first, byte for byte, and has
 * grub.cfg made anew where the options were in it. Called again after a cut it goes on where it was.
 */
export async function revert(
  guest: Guest,
  { state, regenerate }: Pick<RevertPlan, 'state' | 'regenerate'>,
  options: RestoreOptions,
): Promise<Reverted> {
  const changes = state.changes.toReversed();
  let files = state.files;
  for (const [index, change] of changes.entries()) {
    const isLast = index === changes.length - 1;
    const grubConfig = isLast && regenerate ? 'regenerate' : 'nothing';
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
function hasGrub(state: BootState): boolean {
  return grubConfigFile(state.files) !== null && state.tools.some((tool) => tool.includes('grub'));
}
