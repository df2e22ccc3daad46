import { GclabError } from '../../errors.js';
import type { KernelChange } from '../../guest/ledger.js';
import type { Facts, Guest } from '../../model.js';
import { endOfParameters, hasOption } from '../command-line.js';
import { type GrubEntry, loadsLinux, parseGrubConfig } from '../grub/grub-config.js';
import { forKernel, grubCommand } from '../grub/grub-words.js';
import { asChanged, editArgs } from './apply.js';
import { type BootState, grubConfigFile, nextEntry } from './boot-state.js';
import { type Aim, contradictions, leftovers } from './plan/aim.js';
import type { FileEdit } from './plan/edits.js';
import { runStep } from './step.js';
import { changeArgs, type RestoreOptions, restore } from './undo/restore.js';
import { undone } from './undo/undo.js';

const ENTRY_ID = 'gclab-trial';
const CUSTOM = '/boot/grub/custom.cfg';
/** The kernel leaves parameters with a dot to modules: this one only tells which entry was booted. */
const MARK = 'gclab.trial';
/** A kernel that panics reboots by itself, into the old entry. */
const PANIC = 'panic=30';
/** What GRUB can write grubenv on at boot: elsewhere the one-time entry would stay. */
const WRITABLE = new Set(['ext2', 'xfs', 'fat']);

/** Why a one-time entry cannot be offered there; null where it can. */
export function trialObstacle(state: BootState): string | null {
  const config = grubConfigFile(state.files);
  if (config === null || !state.files.has('/boot/grub/grubenv'))
    return 'it has no grub.cfg with a grubenv beside it';
  const { readsNextEntry, readsCustom, hasSuperusers } = parseGrubConfig(config.content);
  if (!readsNextEntry || !readsCustom)
    return 'its grub.cfg does not heed one-time entries, or reads no custom.cfg';
  if (hasSuperusers) return 'its GRUB asks for a password';
  if (!state.tools.includes('grub-reboot')) return 'grub-reboot is not installed';
  if (state.bootAbstraction !== null)
    return `/boot/grub lies on ${state.bootAbstraction}, where GRUB cannot write grubenv`;
  if (!WRITABLE.has(state.bootFs ?? ''))
    return `GRUB cannot write grubenv on ${state.bootFs ?? 'an unknown file system'}`;
  return nextEntry(state.files) === null ? 'which entry boots by default cannot be told' : null;
}

/** The entry that boots by default, once more, with the words that the trial is about. */
export function trialEntry(entry: GrubEntry, aim: Aim, marks: readonly string[]): string {
  const body = entry.body.map((line) =>
    loadsLinux(grubCommand(line).words) ? trialLine(line, aim, marks) : line,
  );
  return [`menuentry 'gclab: one trial boot' --id ${ENTRY_ID} {`, ...body, '}', ''].join('\n');
}

function trialLine(line: string, aim: Aim, marks: readonly string[]): string {
  const { words: all, rest } = grubCommand(line);
  const [, kernel = '', ...words] = all;
  const drop = contradictions(words.map(forKernel), aim);
  const kept = words.filter((word) => !drop.includes(forKernel(word)) && !word.startsWith('panic='));
  const end = endOfParameters(kept);
  const add = [...aim.add, ...leftovers(drop), ...marks];
  const [head = ''] = /^\s*\S+\s+/.exec(line) ?? [];
  return head + [kernel, ...kept.slice(0, end), ...add, ...kept.slice(end)].join(' ') + rest;
}

/** A trial boot, decided: what is written so that the next boot, and only that, has the options. */
export interface Trial {
  /** Of the change in the ledger, and the mark on the command line. */
  readonly id: string;
  readonly edit: FileEdit;
}

/**
 * An entry of our own in custom.cfg, where `trialObstacle` finds nothing. What an earlier trial left is taken for gone, as
 * `endLeftTrials` leaves it. `also`: more words for this one boot.
 */
export function planTrial(state: BootState, aim: Aim, id: string, also: readonly string[] = []): Trial {
  const entry = nextEntry(state.files);
  if (entry === null) throw new Error('a trial boot was planned where no entry is known');
  const path = state.files.get(CUSTOM)?.realPath ?? CUSTOM;
  const before = undone(state, leftTrials(state)).contents.get(path) ?? null;
  const gap = before === null || before.endsWith('\n') ? '' : '\n';
  const added = trialEntry(entry, aim, [...also, PANIC, `${MARK}=${id}`]);
  const why = 'an entry with the options, for the next boot only';
  return { id, edit: { path, before, after: `${before ?? ''}${gap}${added}`, why } };
}

/** Writes the entry and has grub-reboot choose it. The ledger has it before. Undone by `endTrial`. */
export async function setTrial(guest: Guest, trial: Trial, options: RestoreOptions): Promise<void> {
  await runStep(guest, {
    name: 'change',
    doing: 'adding a trial entry',
    args: [...changeArgs('trial-boot', { ...options, id: trial.id }), 'files', ...editArgs(trial.edit)],
    ...options,
  });
  const choice = { name: 'trial', doing: 'choosing the trial entry', args: [ENTRY_ID] } as const;
  await runStep(guest, { ...choice, ...options }).catch(async (error: unknown) => {
    await endTrial(guest, trial, options);
    throw error;
  });
}

/** Takes the trial entry away again, whatever became of it. */
export async function endTrial(guest: Guest, { id, edit }: Trial, options: RestoreOptions): Promise<void> {
  const files = [asChanged(edit, 0)];
  await restore(guest, { kind: 'trial-boot', id, files, grubConfig: 'nothing' }, options);
}

/** Trials that nobody saw the end of: their entries are still in custom.cfg, and another would stand behind them. */
function leftTrials({ changes }: BootState): readonly KernelChange[] {
  return changes.filter(({ kind }) => kind === 'trial-boot');
}

/** Takes their entries away, the last one first. */
export async function endLeftTrials(guest: Guest, state: BootState, options: RestoreOptions): Promise<void> {
  for (const left of leftTrials(state).toReversed()) {
    await restore(guest, { ...left, grubConfig: 'nothing' }, options);
  }
}

/** Whether this boot is the trial, or the old entry that came back by itself. */
export function isTrialBoot(facts: Facts, { id }: Trial): boolean {
  return hasOption(facts.kernel.commandLine, `${MARK}=${id}`);
}

export function trialFailed(guest: Guest): GclabError {
  return new GclabError({
    code: 'options-not-effective',
    doing: 'trying the kernel options once',
    target: guest.target.name,
    what: 'the trial entry did not come up; the guest is back on its old entry, and nothing else was changed',
    hint: 'Its console or the journal of the boot before (`journalctl -b -1`) may say why',
  });
}

export function notOffered(target: string, what: string): GclabError {
  return new GclabError({
    code: 'not-ready',
    doing: 'preparing a trial boot',
    target,
    what: `a trial boot cannot be offered there: ${what}`,
    hint: 'Run it without `--trial`',
  });
}
