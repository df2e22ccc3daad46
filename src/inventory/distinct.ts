import type { Target } from '../model.js';

export interface Distinct {
  /** In the order given, each once; no two share an id or a name. */
  readonly targets: readonly Target[];
  /** What was folded or named anew, a sentence each. */
  readonly notes: readonly string[];
}

/** The border that every list of targets goes through: below it, an id or a name means one target. */
export function distinctTargets(named: readonly Target[]): Distinct {
  const known = new Map<string, Target>();
  const notes = new Set<string>();
  for (const target of named) {
    const first = known.get(target.id);
    if (first === undefined) known.set(target.id, target);
    else notes.add(folded(first.name, target.name));
  }
  const hosts = new Set(
    [...known.values()].filter(({ source }) => source.kind !== 'vm').map(({ name }) => name),
  );
  const targets = [...known.values()].map((target) => {
    if (target.source.kind !== 'vm' || !hosts.has(target.name)) return target;
    const name = `${target.name} (VM)`;
    notes.add(`${target.name} names a host and a VM: the VM is shown as ${name}`);
    return { ...target, name };
  });
  return { targets, notes: [...notes] };
}

function folded(first: string, again: string): string {
  return first === again
    ? `${first} was named more than once: it is used once`
    : `${first} and ${again} name the same host: it is used once, as ${first}`;
}
