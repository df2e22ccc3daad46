import type { Facts, KernelOptionName, Readiness } from '../../../model.js';
import { disablesMemory, hasOption } from '../../command-line.js';
import { contradicts } from '../../grub/default-grub.js';
import { SWAP_ALWAYS_TRACKED } from '../../readiness/options.js';
import { atLeast } from '../../version.js';

export interface Wanted {
  readonly options: readonly KernelOptionName[];
  /** Write them even where they are effective, obsolete or impossible, and where disks are unlocked at boot. */
  readonly force: boolean;
  /** Edit /etc/default/grub itself, by token, instead of adding a file of our own. */
  readonly editDefaultGrub: boolean;
}

/** What the kernel command line shall come to. */
export interface Aim {
  readonly add: readonly KernelOptionName[];
  /** Options that nothing may contradict; some are not added, where the kernel does not know them. */
  readonly unset: readonly KernelOptionName[];
}

/**
 * An option that is missing is added, and one that this boot has and the next would not have; where only its opposite
 * stands in the way, that goes. `next`: the words of the entry that boots next, null where they cannot be told.
 */
export function aimOf(
  facts: Facts,
  options: Readiness['options'],
  wanted: Wanted,
  next: readonly string[] | null,
): Aim {
  const add = wanted.options.filter(
    (name) =>
      wanted.force ||
      options[name].state === 'missing' ||
      (options[name].state === 'present' && next !== null && isLost(facts, name, next)),
  );
  const off = !facts.cgroup.memory && disablesMemory(facts.kernel.commandLine);
  const unset = wanted.options.filter(
    (name) => add.includes(name) || (name === 'cgroup_enable=memory' && off),
  );
  return { add, unset };
}

/** Whether the kernel would be without the option's effect after a boot with these words; as after a trial boot. */
function isLost({ kernel }: Facts, name: KernelOptionName, next: readonly string[]): boolean {
  if (contradictions(next, { add: [], unset: [name] }).length > 0) return true;
  const isNeeded = name !== 'swapaccount=1' || !atLeast(kernel.release, SWAP_ALWAYS_TRACKED);
  return isNeeded && !hasOption(next.join(' '), name);
}

export function isAimless({ add, unset }: Aim): boolean {
  return add.length === 0 && unset.length === 0;
}

/** Whether the kernel, given these words, reads all that is added and nothing that contradicts it. */
export function carries(words: readonly string[], aim: Aim): boolean {
  const line = words.join(' ');
  return aim.add.every((option) => hasOption(line, option)) && contradictions(words, aim).length === 0;
}

/** As they are written there. */
export function contradictions(words: readonly string[], { unset }: Aim): readonly string[] {
  return [...new Set(words.filter((word) => unset.some((option) => contradicts(word, option))))];
}

/** `cgroup_disable=cpu,memory` goes; that `cpu` stays disabled is not ours to change. */
export function leftovers(dropped: readonly string[]): readonly string[] {
  return dropped.flatMap((word) => {
    const [name, list = ''] = word.split('=');
    const kept = list.split(',').filter((item) => item !== 'memory');
    return contradicts(word, 'cgroup_enable=memory') && kept.length > 0 ? [`${name}=${kept.join(',')}`] : [];
  });
}
