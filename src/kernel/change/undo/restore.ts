import type { Answer } from '../../../guest/answer.js';
import type { KernelChange } from '../../../guest/ledger.js';
import type { Guest } from '../../../model.js';
import type { StepOptions } from '../boot-state.js';
import { runStep } from '../step.js';

export interface Restore extends Pick<KernelChange, 'kind' | 'id' | 'files'> {
  /** What becomes of grub.cfg: made anew and installed, the one not yet installed thrown away, or nothing. */
  readonly grubConfig: 'regenerate' | 'discard' | 'nothing';
}

export interface RestoreOptions extends StepOptions {
  readonly dpkgWaitMs: number;
}

/** Puts the files of one change back, byte for byte. Rejects with `changed-since` when someone else edited one since. */
export async function restore(
  guest: Guest,
  { kind, id, files, grubConfig }: Restore,
  options: RestoreOptions,
): Promise<Answer> {
  const each = files.flatMap(({ path, number, before, after }) => [
    path,
    String(number),
    before ?? '-',
    after ?? '-',
  ]);
  return await runStep(guest, {
    name: 'restore',
    doing: 'putting the kernel options back',
    args: [...changeArgs(kind, { ...options, id }), grubConfig, ...each],
    ...options,
  });
}

/** What change.sh and restore.sh are told of a change first. */
export function changeArgs(
  kind: KernelChange['kind'],
  options: { readonly id: string; readonly dpkgWaitMs: number },
): readonly string[] {
  return [kind, options.id, waitSeconds(options)];
}

export function waitSeconds({ dpkgWaitMs }: { readonly dpkgWaitMs: number }): string {
  return String(Math.ceil(dpkgWaitMs / 1_000));
}
