import { GclabError } from '../errors.js';
import type { Guest } from '../model.js';
import { guestScript } from '../transport/guest-script.js';

export interface Cleaning {
  readonly removed: readonly string[];
  /** What is still in use there, or not in the ledger. */
  readonly kept: readonly string[];
}

/**
 * Removes what the ledger of the guest's gclab folder names: runs nobody is in the middle of, gcexp, the ledger itself. When `signal`
 * aborts nobody waits for it any more; what is not removed then is still in the ledger.
 */
export async function cleanFolder(guest: Guest, dir: string, signal: AbortSignal): Promise<Cleaning> {
  const result = await guest.exec(['sh', '-s', '--', dir], {
    stdin: await guestScript('clean.sh'),
    asRoot: guest.privilege !== 'none',
    timeoutMs: 120_000,
    signal,
  });
  const said = result.stdout
    .split('\u001e')
    .slice(1)
    .map((entry) => entry.split('\u001f'));
  const which = (kind: string): string[] =>
    said.flatMap(([what, path]) => (what === kind && path !== undefined ? [path] : []));
  if (result.exitCode === 0) return { removed: which('removed'), kept: which('kept') };
  throw new GclabError({
    code: 'remote-failed',
    doing: 'cleaning the guest',
    target: guest.target.name,
    what: result.stderr.trim() || `the guest's shell ended with ${result.exitCode ?? result.signal}`,
    hint: `look at ${dir} there`,
    result,
  });
}
