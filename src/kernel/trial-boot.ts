import { GclabError } from '../errors.js';
import type { Facts, Guest } from '../model.js';
import { type Aim, contradictions, leftovers } from './aim.js';
import { type ApplyOptions, sha256 } from './apply.js';
import { type BootState, grubConfigFile, nextEntry } from './boot-state.js';
import { endOfParameters, hasOption, words } from './command-line.js';
import { type GrubEntry, parseGrubConfig } from './grub-config.js';
import type { KernelChange } from './ledger.js';
import { restore } from './restore.js';
import { runStep } from './step.js';

const ENTRY_ID = 'gclab-trial';
const TRIAL_SUFFIX = '-trial';
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
    /^\s*linux(16|efi)?\s/.test(line) ? trialLine(line, aim, marks) : line,
  );
  return [`menuentry 'gclab: one trial boot' --id ${ENTRY_ID} {`, ...body, '}', ''].join('\n');
}

function trialLine(line: string, aim: Aim, marks: readonly string[]): string {
  const [, head = '', rest = ''] = /^(\s*linux(?:16|efi)?\s+)(.*)$/.exec(line) ?? [];
  const drop = contradictions(words(rest), aim);
  const kept = words(rest).filter((word) => !drop.includes(word) && !word.startsWith('panic='));
  const end = endOfParameters(kept);
  const add = [...aim.add, ...leftovers(drop), ...marks];
  return head + [...kept.slice(0, end), ...add, ...kept.slice(end)].join(' ');
}

export interface TrialOptions extends ApplyOptions {
  /** More words for this one boot. */
  readonly also?: readonly string[];
}

export interface Trial {
  readonly id: string;
  readonly before: string | null;
  readonly after: string;
  readonly path: string;
}

/**
 * Makes the next boot, and only that, a trial of the options: an entry of our own in custom.cfg, chosen by
 * grub-reboot. The ledger has it before. Undone by `endTrial`.
 */
export async function setTrial(
  guest: Guest,
  state: BootState,
  aim: Aim,
  options: TrialOptions,
): Promise<Trial> {
  const entry = nextEntry(state.files);
  const obstacle = trialObstacle(state);
  if (obstacle !== null || entry === null) throw notOffered(guest, obstacle ?? 'no entry');
  const file = state.files.get('/boot/grub/custom.cfg');
  const path = file?.realPath ?? '/boot/grub/custom.cfg';
  const before = file?.content ?? null;
  const marks = [...(options.also ?? []), PANIC, `${MARK}=${options.id}`];
  const gap = before === null || before.endsWith('\n') ? '' : '\n';
  const after = `${before ?? ''}${gap}${trialEntry(entry, aim, marks)}`;
  const trial: Trial = { id: options.id, before, after, path };
  const encoded = Buffer.from(after, 'latin1').toString('base64');
  const wait = String(Math.ceil(options.dpkgWaitMs / 1_000));
  const args = [options.id, wait, 'files', path, before === null ? '-' : sha256(before), encoded];
  await runStep(guest, { name: 'change', doing: 'adding a trial entry', args, ...options });
  await choose(guest, trial, options);
  return trial;
}

async function choose(guest: Guest, trial: Trial, options: ApplyOptions): Promise<void> {
  try {
    await runStep(guest, {
      name: 'trial',
      doing: 'choosing the trial entry',
      args: [ENTRY_ID],
      ...options,
    });
  } catch (error) {
    await endTrial(guest, trial, options);
    throw error;
  }
}

/** Takes the trial entry away again, whatever became of it. */
export async function endTrial(
  guest: Guest,
  { id, path, before, after }: Trial,
  options: ApplyOptions,
): Promise<void> {
  const file = { path, number: 1, before: before === null ? null : sha256(before), after: sha256(after) };
  await restore(guest, { id, files: [file], grubConfig: 'nothing' }, options);
}

/** The trial of a change, in the guest's ledger. */
export function trialId(id: string): string {
  return `${id}${TRIAL_SUFFIX}`;
}

/** Trials that nobody saw the end of: their entries are still in custom.cfg, and another would stand behind them. */
export function leftTrials({ changes }: BootState): readonly KernelChange[] {
  return changes.filter(({ id }) => id.endsWith(TRIAL_SUFFIX));
}

/** Takes their entries away, the last one first. */
export async function endLeftTrials(guest: Guest, state: BootState, options: ApplyOptions): Promise<void> {
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

export function notOffered(guest: Guest, what: string): GclabError {
  return new GclabError({
    code: 'not-ready',
    doing: 'preparing a trial boot',
    target: guest.target.name,
    what: `a trial boot cannot be offered there: ${what}`,
    hint: 'Run it without `--trial`',
  });
}
