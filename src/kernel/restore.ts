import type { Guest } from '../model.js';
import type { StepOptions } from './boot-state.js';
import type { KernelChange } from './ledger.js';
import { runStep, type StepAnswer } from './step.js';

export interface Restore extends Pick<KernelChange, 'id' | 'files'> {
  /** What becomes of grub.cfg: made anew and installed, the one not yet installed thrown away, or nothing. */
  readonly grubConfig: 'regenerate' | 'discard' | 'nothing';
}

export interface RestoreOptions extends StepOptions {
  readonly dpkgWaitMs: number;
}

/** Puts the files of one change back, byte for byte. Rejects with `changed-since` when someone else edited one since. */
export async function restore(
  guest: Guest,
  { id, files, grubConfig }: Restore,
  options: RestoreOptions,
): Promise<StepAnswer> {
  const wait = String(Math.ceil(options.dpkgWaitMs / 1_000));
  const each = files.flatMap(({ path, number, before, after }) => [
    path,
    String(number),
    before ?? '-',
    after ?? '-',
  ]);
  return await runStep(guest, {
    name: 'restore',
    doing: 'putting the kernel options back',
    args: [id, wait, grubConfig, ...each],
    ...options,
  });
}
