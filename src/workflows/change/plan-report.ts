import { diff } from '../../kernel/change/diff.js';
import type { FileEdit } from '../../kernel/change/plan/edits.js';
import { loggedIn, planNotes } from '../../kernel/change/plan/notes.js';
import { isEmpty, type Plan } from '../../kernel/change/plan/plan.js';
import type { RevertPlan } from '../../kernel/change/undo/revert.js';
import type { PlanReport } from '../../results/change-folder.js';
import { formatCount } from '../../units.js';

/** A plan as people read it: what is written where and why, what runs, and what to know before saying yes. */
export function reportPlan(plan: Plan): PlanReport {
  return report(plan, plan.notes, plan.reboot);
}

/** The same of a revert. It reboots where the kernel runs with what is taken back, which is seen once grub.cfg is made anew. */
export function reportRevert(plan: RevertPlan): PlanReport {
  const isEmpty = plan.state.changes.length === 0;
  return report(plan, isEmpty ? [] : planNotes(plan.state), !isEmpty);
}

function report(
  { reasons, edits, regenerate, state }: Pick<Plan, 'reasons' | 'edits' | 'regenerate' | 'state'>,
  notes: readonly string[],
  reboot: boolean,
): PlanReport {
  return {
    reasons,
    notes,
    loggedIn: loggedIn(state),
    rebootRequired: state.rebootRequired,
    edits: edits.map(reportEdit),
    commands: [...(regenerate ? ['update-grub'] : []), ...(reboot ? ['systemctl reboot'] : [])],
    reboot,
  };
}

export function reportEdit({ path, before, after, why }: FileEdit): PlanReport['edits'][number] {
  return { path, why, diff: diff(path, before, after) };
}

/** In one line, for progress. */
export function describePlan(plan: Plan): string {
  if (plan.refusal !== null) return `refused: ${plan.refusal.what}`;
  if (isEmpty(plan)) return `nothing to do: ${plan.reasons.join('; ')}`;
  const files = plan.edits.map(({ path }) => path).join(', ');
  const parts = [files, plan.regenerate ? 'update-grub' : '', plan.reboot ? 'a reboot' : ''];
  return parts.filter((part) => part !== '').join(', ');
}

export function describeRevert({ refusal, reasons, state: { changes } }: RevertPlan): string {
  if (refusal !== null) return `refused: ${refusal.what}`;
  return changes.length === 0 ? reasons.join('; ') : `${formatCount(changes.length, 'change')} to undo`;
}
