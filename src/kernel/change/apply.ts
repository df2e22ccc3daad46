import { GclabError } from '../../errors.js';
import type { KernelChange } from '../../guest/ledger.js';
import type { Guest } from '../../model.js';
import { DROP_IN } from '../grub/drop-in.js';
import { assignments } from '../grub/shell-assignments.js';
import {
  type BootFile,
  type BootState,
  filesOf,
  grubConfigFile,
  nextEntry,
  type StepOptions,
} from './boot-state.js';
import { carries, contradictions } from './plan/aim.js';
import { type FileEdit, settings } from './plan/edits.js';
import type { Plan } from './plan/plan.js';
import { refused } from './plan/refusal.js';
import { runStep } from './step.js';
import { sha256, sumOf } from './sum.js';
import { changeArgs, restore, waitSeconds } from './undo/restore.js';

export interface ApplyOptions extends StepOptions {
  /** Names the change in the guest's ledger; letters, digits and `-`. */
  readonly id: string;
  /** How long to wait for packages being installed; inside `timeoutMs`. */
  readonly dpkgWaitMs: number;
}

/**
 * Carries out a plan up to, and without, the reboot. The new grub.cfg is made beside the old one and takes its place
 * only when the entry that will boot is seen to carry the options; otherwise everything is put back. Whatever breaks
 * in between, what boots is the old grub.cfg or the new one, whole, and the ledger says what was begun.
 *
 * @throws GclabError `not-ready` for a refused plan; `guest-busy`, `changed-since`, `no-space`, `change-failed` from
 * the guest; `options-overridden` when another file keeps the options off the entry that boots.
 */
export async function apply(guest: Guest, plan: Plan, options: ApplyOptions): Promise<void> {
  if (plan.refusal !== null) throw refused(guest.target.name, plan.refusal);
  if (plan.edits.length === 0 && !plan.regenerate) return;
  const made = await runStep(guest, {
    name: 'change',
    doing: 'changing the kernel options',
    args: [
      ...changeArgs('kernel-options', options),
      plan.regenerate ? 'grub' : 'files',
      ...plan.edits.flatMap(editArgs),
    ],
    ...options,
  });
  if (!plan.regenerate) return;
  const files = filesOf(made);
  await verifyNext(guest, plan, files, options);
  await runStep(guest, {
    name: 'commit',
    doing: 'installing the new grub.cfg',
    args: [options.id, sha256(grubConfigFile(files)?.content ?? ''), waitSeconds(options)],
    ...options,
  });
}

/** As change.sh takes an edit. */
export function editArgs({ path, before, after }: FileEdit): readonly string[] {
  return [
    path,
    sumOf(before) ?? '-',
    sumOf(after) ?? '-',
    after === null ? '-' : Buffer.from(after, 'latin1').toString('base64'),
  ];
}

async function verifyNext(
  guest: Guest,
  plan: Plan,
  files: BootState['files'],
  options: ApplyOptions,
): Promise<void> {
  const next = nextEntry(files, plan.state.files)?.words ?? [];
  if (carries(next, plan.aim)) return;
  const begun = { kind: 'kernel-options', id: options.id, files: plan.edits.map(asChanged) } as const;
  await restore(guest, { ...begun, grubConfig: 'discard' }, options);
  throw grubConfigFile(files) === null ? untold(guest) : overridden(guest, plan, next);
}

/** As the ledger names the edit of this index. */
export function asChanged({ path, before, after }: FileEdit, index: number): KernelChange['files'][number] {
  return { path, number: index + 1, before: sumOf(before), after: sumOf(after) };
}

function untold(guest: Guest): GclabError {
  return new GclabError({
    code: 'change-failed',
    doing: 'changing the kernel options',
    target: guest.target.name,
    what: 'the grub.cfg that update-grub made could not be read; everything was put back',
    hint: 'Run update-grub there by hand and look at what it makes',
  });
}

function overridden(guest: Guest, plan: Plan, next: readonly string[]): GclabError {
  const culprits = overriders(plan);
  const wrong = [
    ...plan.aim.add
      .filter((option) => !carries(next, { add: [option], unset: [] }))
      .map((option) => `lacks ${option}`),
    ...contradictions(next, plan.aim).map((word) => `has ${word}`),
  ];
  const by =
    culprits.length > 0 ? culprits.join(', ') : 'a script in /etc/grub.d, or a file that those settings read';
  return new GclabError({
    code: 'options-overridden',
    doing: 'changing the kernel options',
    target: guest.target.name,
    what: `after update-grub the entry that would boot still ${wrong.join(' and ')}: ${by} overrides it; everything was put back`,
    hint: `Set the options in ${culprits[0] ?? 'that file'} by hand, or take the line out there`,
  });
}

/** Files read behind ours that set the variable anew. */
function overriders(plan: Plan): readonly string[] {
  const edited = new Set(plan.edits.map(({ path }) => path));
  const files = settings(plan.state);
  const last = files.findLastIndex(({ realPath }) => edited.has(realPath));
  const behind = edited.has(DROP_IN) ? files.filter(({ path }) => path > DROP_IN) : files.slice(last + 1);
  return behind.filter(setsAnew).map(({ path }) => path);
}

function setsAnew({ content }: BootFile): boolean {
  return (assignments(content) ?? []).some(({ name, appends, value }) => {
    const source = content.slice(value.start, value.end);
    return (
      name.startsWith('GRUB_CMDLINE_LINUX') &&
      !appends &&
      !source.includes(`$${name}`) &&
      !source.includes(`\${${name}`)
    );
  });
}
