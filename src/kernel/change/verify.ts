import { GclabError } from '../../errors.js';
import type { Facts } from '../../model.js';
import { hasOption, words } from '../command-line.js';
import { readiness } from '../readiness/readiness.js';
import { type Aim, carries, contradictions } from './plan/aim.js';

/**
 * After the reboot: is the effect there? Only then the options are applied. Rejects nothing by the token alone: the
 * token without the effect, and the effect missing with its reason as far as it can be told, are
 * `options-not-effective`.
 */
export function verifyEffect(target: string, facts: Facts, aim: Aim): void {
  const line = words(facts.kernel.commandLine);
  const absent = aim.add.filter((option) => !hasOption(facts.kernel.commandLine, option));
  if (absent.length > 0)
    throw notEffective(target, `${absent.join(' ')} did not reach the kernel command line`, OTHER_ENTRY);
  if (!carries(line, aim) && !facts.cgroup.swap) {
    throw notEffective(
      target,
      `${contradictions(line, aim).join(' ')} is still on the kernel command line`,
      OTHER_ENTRY,
    );
  }
  const { obstacles, options } = readiness(facts);
  const kernelOnes = obstacles.filter(({ remedy }) => remedy !== 'user');
  if (kernelOnes.length === 0 && facts.cgroup.memory && facts.cgroup.swap) return;
  const why = aim.unset.map((name) => `${name} is ${options[name].state} (${options[name].why})`).join('; ');
  throw notEffective(
    target,
    `the options are on the command line, and their effect is missing: ${why}`,
    obstacles[0]?.hint,
  );
}

export const OTHER_ENTRY =
  'See which entry was booted (a menu choice, `grub-editenv list`, a boot loader before GRUB)';

function notEffective(target: string, what: string, hint: string | undefined): GclabError {
  return new GclabError({
    code: 'options-not-effective',
    doing: 'verifying the kernel options',
    target,
    what,
    ...(hint === undefined ? {} : { hint }),
  });
}
