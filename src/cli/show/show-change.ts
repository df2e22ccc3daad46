import { printable } from '../../printable.js';
import type { ChangeDocument, ChangeRecord, ChangeState, PlanReport } from '../../results/change-folder.js';
import { targetFlags } from '../../target-flags.js';
import { formatDuration } from '../../units.js';
import { errorLines, type Print } from './lines.js';

/** What was, or would be, done on each host, and how far it got. */
export function showChange(document: ChangeDocument, print: Print): void {
  for (const record of document.targets) {
    print('');
    if (record.plan !== null) showPlan(record.name, record.plan, print);
    for (const line of describe(record, document.action)) print(line);
  }
}

/** Files with their differences, commands, and what to know before saying yes. */
export function showPlan(target: string, plan: PlanReport, print: Print): void {
  const name = printable(target, 60);
  for (const reason of plan.reasons) print(`${name}: ${printable(reason)}`);
  for (const { path, why, diff } of plan.edits) {
    print(`${name}: ${printable(path)}: ${printable(why)}`);
    for (const line of diff.trimEnd().split('\n')) print(`  ${printable(line)}`);
  }
  for (const command of plan.commands) print(`${name}: then ${printable(command)}`);
  for (const note of plan.notes) print(`${name}: note: ${printable(note)}`);
}

const STATES: Readonly<Record<Exclude<ChangeState, 'changing'>, string>> = {
  unknown: 'not looked at',
  'nothing-to-do': 'nothing to do',
  planned: 'nothing was changed (--dry-run)',
  'waiting-for-reboot': 'written; it takes effect with the next reboot, which is yours to start',
  applied: 'done and verified',
};

function describe(record: ChangeRecord, action: ChangeDocument['action']): string[] {
  const name = printable(record.name, 60);
  const reboots = record.rebootMs.map((ms) => `, back after ${formatDuration(ms)}`).join('');
  const state = `${name}: ${action}: ${stateOf(record)}${reboots}`;
  return record.error === null ? [state] : [state, ...errorLines(record.name, record.outcome, record.error)];
}

/** What is on the guest after a failure is the error's to say: part of it may have been put back. */
function stateOf(record: ChangeRecord): string {
  if (record.state !== 'changing') return STATES[record.state];
  const undo = `gclab remote revert ${printable(targetFlags(record))}`;
  return record.error === null ? `begun and not finished: run it again, or undo it with ${undo}` : 'not done';
}
