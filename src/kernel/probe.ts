import type { Facts, Guest } from '../model.js';
import { guestScript } from '../transport/guest-script.js';
import { type Exchange, readAnswer, unreadable } from './answer.js';
import { facts } from './facts.js';
import { parseProbeAnswer } from './probe-answer.js';

export interface ProbeOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs: number;
}

const MAX_ANSWER_BYTES = 256 * 1024;

/**
 * Reads the guest in one round trip. Nothing is changed but one cgroup, made and removed again, where root is to
 * be had: by `sudo -n`, or by the password that the guest was given (`setPrivilege`) before.
 *
 * @throws GclabError `guest-answer` when what comes back is no answer of the probe, `remote-timeout` past
 * `timeoutMs`, and what `guest.exec` rejects with.
 */
export async function probe(guest: Guest, { signal, timeoutMs }: ProbeOptions): Promise<Facts> {
  const exchange: Exchange = { mark: 'gclab-probe', doing: 'reading the guest', target: guest.target.name };
  const result = await guest.exec(['sh', '-s'], {
    stdin: await guestScript('probe.sh'),
    timeoutMs,
    maxOutputBytes: MAX_ANSWER_BYTES,
    asRoot: guest.privilege === 'sudo-password',
    ...(signal === undefined ? {} : { signal }),
  });
  const answer = readAnswer(result, exchange);
  try {
    return asKnown(guest, facts(parseProbeAnswer(answer)));
  } catch (cause) {
    throw unreadable(result, exchange, 'the answer is not of gclab', cause);
  }
}

/** Under the given password the probe ran as root; how the guest becomes root is still by password. */
function asKnown(guest: Guest, read: Facts): Facts {
  return guest.privilege === 'sudo-password' ? { ...read, privilege: 'sudo-password' } : read;
}
