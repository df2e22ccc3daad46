import type { Answer } from '../../guest/answer.js';
import { runScript, type Script } from '../../guest/script.js';
import type { Facts, Guest } from '../../model.js';
import { facts } from './facts.js';
import { probeAnswer } from './probe-answer.js';

export interface ProbeOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs: number;
}

/**
 * Reads the guest in one round trip. Nothing is changed but one cgroup, made and removed again, where root is to
 * be had: by `sudo -n`, or by the password that the guest was given (`setPrivilege`) before.
 *
 * @throws GclabError `guest-answer` when what comes back is no answer of the probe, `remote-timeout` past
 * `timeoutMs`, and what `guest.exec` rejects with.
 */
export async function probe(guest: Guest, options: ProbeOptions): Promise<Facts> {
  const asked = { doing: 'reading the guest', runAs: 'root-if-possible', ...options } as const;
  return factsFrom(guest, await runScript(guest, PROBE, asked));
}

/** The probe as one of several scripts that run in one command (`runScripts`); its answer is for `factsFrom`. */
export const PROBE: Script = { name: 'probe' };

export function factsFrom(guest: Guest, answer: Answer): Facts {
  const read = facts(answer.read(probeAnswer));
  // Under the given password the probe ran as root; how the guest becomes root is still by password.
  return guest.privilege === 'sudo-password' ? { ...read, privilege: 'sudo-password' } : read;
}
