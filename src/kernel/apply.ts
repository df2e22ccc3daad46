import { createHash } from 'node:crypto';
import { GclabError } from '../errors.js';
import type { Guest } from '../model.js';
import { carries, contradictions } from './aim.js';
import {
  type BootFile,
  type BootState,
  filesOf,
  grubConfigFile,
  nextEntry,
  type StepOptions,
} from './boot-state.js';
import { DROP_IN } from './drop-in.js';
import type { Plan } from './plan.js';
import { type FileEdit, settings } from './plan-edits.js';
import { restore } from './restore.js';
import { assignments } from './shell-assignments.js';
import { runStep } from './step.js';

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
  if (plan.refusal !== null) throw refused(guest, plan.refusal);
  if (plan.edits.length === 0 && !plan.regenerate) return;
  const args = [
    options.id,
    seconds(options.dpkgWaitMs),
    plan.regenerate ? 'grub' : 'files',
    ...plan.edits.flatMap(editArgs),
  ];
  const made = await runStep(guest, {
    name: 'change',
    doing: 'changing the kernel options',
    args,
    ...options,
  });
  if (!plan.regenerate) return;
  const files = filesOf(made);
  await verifyNext(guest, plan, files, options);
  await runStep(guest, {
    name: 'commit',
    doing: 'installing the new grub.cfg',
    args: [options.id, sha256(grubConfigFile(files)?.content ?? ''), seconds(options.dpkgWaitMs)],
    ...options,
  });
}

function seconds(ms: number): string {
  return String(Math.ceil(ms / 1_000));
}

function editArgs({ path, before, after }: FileEdit): readonly string[] {
  return [
    path,
    before === null ? '-' : sha256(before),
    after === null ? '-' : Buffer.from(after, 'latin1').toString('base64'),
  ];
}

export function sha256(latin1: string): string {
  return createHash('sha256').update(Buffer.from(latin1, 'latin1')).digest('hex');
}

async function verifyNext(
  guest: Guest,
  plan: Plan,
  files: BootState['files'],
  options: ApplyOptions,
): Promise<void> {
  const next = nextEntry(files, plan.state.files)?.words ?? [];
  if (carries(next, plan.aim)) return;
  await restore(guest, { id: options.id, files: plan.edits.map(asChanged), grubConfig: 'discard' }, options);
  throw overridden(guest, plan, next);
}

function asChanged({ path, before, after }: FileEdit, index: number) {
  const sum = (text: string | null) => (text === null ? null : sha256(text));
  return { path, number: index + 1, before: sum(before), after: sum(after) };
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

function refused(guest: Guest, { what, hint }: NonNullable<Plan['refusal']>): GclabError {
  return new GclabError({
    code: 'not-ready',
    doing: 'changing the kernel options',
    target: guest.target.name,
    what,
    hint,
  });
}
