import { GclabError } from '../errors.js';
import type { Guest } from '../model.js';
import { targetFlags } from '../target-flags.js';
import { parseGuestError } from './guest-error.js';

/** Removes a run's folder and what cgroups it may have left from the guest; the ledger says so. */
export async function removeRun(
  guest: Guest,
  folder: { dir: string; gcexp: string },
  runId: string,
): Promise<void> {
  const result = await guest.exec([folder.gcexp, 'clean', '-run', `${folder.dir}/runs/${runId}`], {
    asRoot: guest.privilege !== 'none',
    timeoutMs: 60_000,
  });
  if (result.exitCode === 0) return;
  throw new GclabError({
    code: 'remote-failed',
    doing: 'removing the run from the guest',
    target: guest.target.name,
    what: parseGuestError(result.stderr).message,
    hint: `remove it later with: gclab remote clean ${targetFlags(guest.target)}`,
    result,
  });
}
