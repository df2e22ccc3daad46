import type { KernelChange } from '../../../guest/ledger.js';
import type { Obstacle } from '../../../model.js';
import type { BootState } from '../boot-state.js';
import { sumOf } from '../sum.js';

export interface Undone {
  /** Of each file that is known, by real path; null: there is no such file. */
  readonly contents: ReadonlyMap<string, string | null>;
  /** What restore.sh would refuse; then `contents` is not to be relied on. Null where nothing stands in the way. */
  readonly obstacle: Obstacle | null;
}

/** How the guest's files are once these changes are undone, the last one first. Pure. */
export function undone(state: BootState, changes: readonly KernelChange[]): Undone {
  const contents = new Map<string, string | null>();
  for (const { realPath, content } of state.files.values()) contents.set(realPath, content);
  let obstacle: Obstacle | null = null;
  for (const change of changes.toReversed()) {
    for (const { path, number, before, after } of change.files) {
      const now = sumOf(contents.get(path) ?? null);
      if (now !== before && now !== after) obstacle ??= changedSince(path);
      if (now === before) continue;
      const backup = before === null ? null : backupOf(state, change, number);
      if (sumOf(backup) !== before) obstacle ??= backupGone(path);
      contents.set(path, backup);
    }
  }
  return { contents, obstacle };
}

function backupOf({ backups }: BootState, { kind, id }: KernelChange, number: number): string | null {
  const backup = backups.find((one) => one.kind === kind && one.id === id && one.number === number);
  return backup?.content ?? null;
}

function changedSince(path: string): Obstacle {
  return {
    what: `${path} is not what gclab made of it: someone else edited it since`,
    remedy: 'user',
    hint: 'Take that edit out and run it again, or put the file right by hand',
  };
}

function backupGone(path: string): Obstacle {
  return { what: `the backup of ${path} is gone`, remedy: 'user', hint: 'Put the file back by hand' };
}
