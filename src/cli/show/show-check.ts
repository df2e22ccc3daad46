import type { Facts, Readiness } from '../../model.js';
import { printable } from '../../printable.js';
import { formatBytes } from '../../units.js';
import type { CheckDocument, CheckRecord } from '../../workflows/check.js';
import { type Print, table } from './lines.js';

/** What hosts can enforce, for people: a table per host, then what stands in the way and what to do. */
export function showCheck(document: CheckDocument, print: Print): void {
  for (const record of document.targets) {
    print('');
    print(`${printable(record.name, 60)}: ${headline(record)}`);
    if (record.facts !== null) for (const line of table(factRows(record.facts))) print(`  ${line}`);
    if (record.readiness !== null) for (const line of table(optionRows(record.readiness))) print(`  ${line}`);
    for (const line of advice(record)) print(`  ${line}`);
  }
}

function headline({ readiness, error }: CheckRecord): string {
  if (readiness === null) return `no answer: ${printable(error?.message ?? '')}`;
  if (error === null) return 'ready';
  return readiness.obstacles.some((one) => one.remedy === 'never') ? 'can not be made ready' : 'not ready';
}

function factRows(facts: Facts): string[][] {
  const { os, kernel, cgroup } = facts;
  const memory = `${formatBytes(facts.memoryBytes)}, swap ${formatBytes(facts.swapBytes)}`;
  const surroundings = facts.container ?? facts.virtualisation ?? 'none seen';
  return [
    ['system', `${os.name} on ${facts.architecture.machine}, ${facts.cpus} CPUs, ${memory}`],
    ['kernel', kernel.release],
    ['command line', printable(kernel.commandLine, 200)],
    ['cgroup', `${cgroup.hierarchy}${cgroup.readOnly ? ', read-only' : ''}, seen by ${cgroup.proof}`],
    ['memory limit', cgroup.memory ? 'can be set' : 'cannot be set'],
    ['swap limit', cgroup.swap ? 'can be set' : 'cannot be set'],
    ['boot loader', facts.bootLoader],
    [facts.container === null ? 'virtualisation' : 'container', surroundings],
    ['user', `${facts.user.name}, ${describePrivilege(facts)}`],
  ].map((row) => row.map((cell) => printable(cell, 300)));
}

function describePrivilege({ privilege, cgroup }: Facts): string {
  switch (privilege) {
    case 'root':
      return 'root';
    case 'sudo':
      return 'sudo without a password';
    case 'sudo-password':
      return 'sudo with a password (--ask-sudo-pass)';
    case 'none':
      return cgroup.delegated ? 'no sudo, but cgroups are delegated' : 'no sudo';
  }
}

function optionRows(readiness: Readiness): string[][] {
  return Object.values(readiness.options).map((option) => [
    option.name,
    `${option.state}: ${printable(option.why, 300)}`,
  ]);
}

function advice({ readiness, error }: CheckRecord): string[] {
  const told = (readiness?.obstacles ?? []).map(({ what, hint }) => ({ what, hint }));
  const all = told.length > 0 || error === null ? told : [{ what: error.message, hint: error.hint }];
  return all.flatMap(({ what, hint }) => [
    `✗ ${printable(what)}`,
    ...(hint === null ? [] : [`  try: ${printable(hint)}`]),
  ]);
}
