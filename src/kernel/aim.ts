import type { Facts, KernelOptionName, Readiness } from '../model.js';
import { disablesMemory, hasOption } from './command-line.js';
import { contradicts } from './default-grub.js';

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

/** An option that is missing is added; where only its opposite stands in the way, that goes. */
export function aimOf(facts: Facts, options: Readiness['options'], wanted: Wanted): Aim {
  const add = wanted.options.filter((name) => wanted.force || options[name].state === 'missing');
  const off = !facts.cgroup.memory && disablesMemory(facts.kernel.commandLine);
  const unset = wanted.options.filter(
    (name) => add.includes(name) || (name === 'cgroup_enable=memory' && off),
  );
  return { add, unset };
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
