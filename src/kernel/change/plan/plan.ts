import type { Facts, KernelOptionName, Obstacle } from '../../../model.js';
import { words } from '../../command-line.js';
import { kernelOptions } from '../../readiness/options.js';
import { type BootState, nextEntry } from '../boot-state.js';
import { type Aim, aimOf, carries, isAimless, type Wanted } from './aim.js';
import { type FileEdit, piWords, planEdits } from './edits.js';
import { planNotes, unfinished } from './notes.js';
import { refusal } from './refusal.js';

export const BOTH_OPTIONS: readonly KernelOptionName[] = ['cgroup_enable=memory', 'swapaccount=1'];

/** The steps that would change a guest, each with its reason. */
export interface Plan {
  readonly edits: readonly FileEdit[];
  /** update-grub has to run. */
  readonly regenerate: boolean;
  readonly reboot: boolean;
  /** What the kernel command line shall carry, and what not. */
  readonly aim: Aim;
  /** For each option, what it is here, and so what is done about it. */
  readonly reasons: readonly string[];
  /** Who is logged in, and what else waits. */
  readonly notes: readonly string[];
  /** Why gclab does not carry out what would be needed; null where it does, and where nothing is needed. */
  readonly refusal: Obstacle | null;
  readonly state: BootState;
}

/** Nothing is to be done; `reasons` say why. */
export function isEmpty(plan: Plan): boolean {
  return plan.edits.length === 0 && !plan.regenerate && !plan.reboot;
}

/** What would give the guest the wanted options. Pure. */
export function plan(facts: Facts, state: BootState, wanted: Wanted): Plan {
  const options = kernelOptions(facts);
  const next = nextWords(facts, state);
  // What a Raspberry Pi's firmware adds is not in its file, so what is not there is not lost.
  const aim = aimOf(facts, options, wanted, isPi(facts) ? null : next);
  const reasons = wanted.options.map((name) => reason(name, options[name].state, options[name].why, aim));
  const all = { ...NOTHING, aim, state, reasons, notes: [...planNotes(state), ...unfinished(state)] };
  if (isAimless(aim)) return all;
  const refused = refusal(facts, state, wanted.force);
  return refused === null
    ? { ...all, ...steps(facts, state, next, wanted, aim) }
    : { ...all, refusal: refused };
}

type Steps = Pick<Plan, 'edits' | 'regenerate' | 'reboot' | 'refusal'>;

const NOTHING: Steps = { edits: [], regenerate: false, reboot: false, refusal: null };

function isPi({ bootLoader }: Facts): boolean {
  return bootLoader === 'raspberry-pi';
}

function nextWords(facts: Facts, state: BootState): readonly string[] | null {
  return isPi(facts) ? piWords(state) : (nextEntry(state.files)?.words ?? null);
}

function steps(
  facts: Facts,
  state: BootState,
  next: readonly string[] | null,
  wanted: Wanted,
  aim: Aim,
): Steps {
  if (next === null)
    return refused('which entry boots next cannot be told', 'Look at grub.cfg and `grub-editenv list` there');
  const reboot = !carries(words(facts.kernel.commandLine), aim);
  if (carries(next, aim)) return { ...NOTHING, reboot };
  const edits = planEdits(facts, state, next, aim, wanted);
  if (edits === null)
    return refused(
      "GRUB's settings cannot be read without running them",
      'See whether a quote in them has no end',
    );
  return {
    ...NOTHING,
    edits: edits.filter(({ before, after }) => before !== after),
    regenerate: !isPi(facts),
    reboot,
  };
}

function refused(what: string, hint: string): Steps {
  return { ...NOTHING, refusal: { what, remedy: 'user', hint } };
}

function reason(name: KernelOptionName, state: string, why: string, { add, unset }: Aim): string {
  const done = add.includes(name)
    ? 'to be added'
    : unset.includes(name)
      ? 'its opposite is to be removed'
      : 'nothing to do';
  const here =
    add.includes(name) && state === 'present'
      ? 'it is present for this boot only (the next one would be without it)'
      : `it is ${state} here (${why})`;
  return `${name}: ${done}, ${here}`;
}
