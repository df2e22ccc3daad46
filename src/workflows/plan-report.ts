import { diff } from '../kernel/diff.js';
import { isEmpty, type Plan } from '../kernel/plan.js';
import { loggedIn } from '../kernel/plan-notes.js';
import type { PlanReport } from '../results/change-folder.js';

/** A plan as people read it: what is written where and why, what runs, and what to know before saying yes. */
export function reportPlan(plan: Plan): PlanReport {
  return {
    reasons: plan.reasons,
    notes: plan.notes,
    loggedIn: loggedIn(plan.state),
    rebootRequired: plan.state.rebootRequired,
    edits: plan.edits.map(({ path, before, after, why }) => ({ path, why, diff: diff(path, before, after) })),
    commands: [...(plan.regenerate ? ['update-grub'] : []), ...(plan.reboot ? ['systemctl reboot'] : [])],
    reboot: plan.reboot,
  };
}

/** In one line, for progress. */
export function describePlan(plan: Plan): string {
  if (plan.refusal !== null) return `refused: ${plan.refusal.what}`;
  if (isEmpty(plan)) return `nothing to do: ${plan.reasons.join('; ')}`;
  const files = plan.edits.map(({ path }) => path).join(', ');
  const parts = [files, plan.regenerate ? 'update-grub' : '', plan.reboot ? 'a reboot' : ''];
  return parts.filter((part) => part !== '').join(', ');
}
