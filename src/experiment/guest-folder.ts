import { z } from 'zod';
import { GclabError } from '../errors.js';
import type { Guest } from '../model.js';
import { guestScript } from '../transport/guest-script.js';
import { formatBytes } from '../units.js';

/** The folder on the guest that holds gcexp, runs and the ledger, and whether gcexp is there whole. */
export interface GuestFolder {
  readonly dir: string;
  readonly gcexp: string;
  readonly isDeployed: boolean;
}

const candidateSchema = z.object({
  dir: z.string().startsWith('/').max(4_000),
  writable: z.enum(['yes', 'no']),
  exec: z.enum(['yes', 'no']),
  freeKiB: z.coerce.number().int().nonnegative(),
  deployed: z.enum(['yes', 'no']),
  uid: z.coerce.number().int().nonnegative(),
});
type Candidate = z.infer<typeof candidateSchema>;

/** A folder as one user found it: another user's would be elsewhere. */
export interface LocatedFolder extends GuestFolder {
  readonly byRoot: boolean;
}

/** gcexp, a journal of an hour, and air. */
const WANTED_FREE_KIB = 64 * 1024;

/**
 * Looks (and only looks) where gcexp can live: `wanted`, or else the first of the usual places that is writable,
 * not `noexec`, and has room. As root that is below /var/lib, otherwise below the user's cache folder. Root looks
 * wherever root is to be had without a password, whether or not that is settled for the guest by now.
 */
export async function locate(
  guest: Guest,
  sha256: string,
  wanted: string | undefined,
): Promise<LocatedFolder> {
  const candidates = await askCandidates(guest, sha256, wanted);
  const usable = candidates.filter((one) => obstacleOf(one) === null);
  const found = usable.find((one) => one.deployed === 'yes') ?? usable[0];
  if (found === undefined) throw unusable(candidates, guest.target.name);
  return {
    dir: found.dir,
    gcexp: `${found.dir}/bin/gcexp-${sha256}`,
    isDeployed: found.deployed === 'yes',
    byRoot: found.uid === 0,
  };
}

/** The places that `locate` would look at for this user. */
export async function usualFolders(guest: Guest): Promise<string[]> {
  return (await askCandidates(guest, '-', undefined)).map((candidate) => candidate.dir);
}

const DOING = 'looking for a folder on the guest';

type Candidates = readonly [Candidate, ...Candidate[]];

/** As root where sudo asks for nothing, otherwise as we are; a sudo that refuses has read nothing of stdin. */
const AS_ROOT_IF_POSSIBLE =
  'if [ ! -O / ] && sudo -n sh -s -- "$@" 2>/dev/null; then exit; fi; exec sh -s -- "$@"';

async function askCandidates(guest: Guest, sha256: string, wanted: string | undefined): Promise<Candidates> {
  const args = [sha256, ...(wanted === undefined ? [] : [wanted])];
  const isSettled = guest.privilege !== 'none';
  const argv = isSettled ? ['sh', '-s', '--', ...args] : ['sh', '-c', AS_ROOT_IF_POSSIBLE, 'sh', ...args];
  const result = await guest.exec(argv, {
    stdin: await guestScript('locate.sh'),
    asRoot: isSettled,
    timeoutMs: 30_000,
  });
  const [first, ...others] = parseCandidates(result.stdout);
  if (first !== undefined) return [first, ...others];
  throw new GclabError({
    code: 'guest-answer',
    doing: DOING,
    target: guest.target.name,
    what: `no answer that can be read: ${result.stderr.trim() || `exit ${result.exitCode}`}`,
    hint: 'see whether `sh` works there for that user',
    result,
  });
}

/** After each RS a candidate, its fields parted by US; a login shell's noise comes before the first RS. */
function parseCandidates(stdout: string): Candidate[] {
  return stdout
    .split('\u001e')
    .slice(1, 12)
    .flatMap((entry) => {
      const [dir, writable, exec, freeKiB, deployed, uid] = entry.split('\u001f');
      const parsed = candidateSchema.safeParse({ dir, writable, exec, freeKiB, deployed, uid });
      return parsed.success ? [parsed.data] : [];
    });
}

interface FolderObstacle {
  readonly code: 'no-privilege' | 'no-exec' | 'no-space';
  readonly what: string;
}

function obstacleOf({ dir, writable, exec, freeKiB }: Candidate): FolderObstacle | null {
  if (writable === 'no')
    return { code: 'no-privilege', what: `${dir} is not writable, or belongs to someone else` };
  if (exec === 'no') return { code: 'no-exec', what: `${dir} is on a file system mounted noexec` };
  if (freeKiB >= WANTED_FREE_KIB) return null;
  const free = formatBytes(freeKiB * 1024);
  return {
    code: 'no-space',
    what: `${dir} has ${free} free, ${formatBytes(WANTED_FREE_KIB * 1024)} are needed`,
  };
}

/** Tells of every candidate; the code is that of the first one that could at least be written. */
function unusable(candidates: Candidates, target: string): GclabError {
  const first = candidates.find((one) => one.writable === 'yes') ?? candidates[0];
  return new GclabError({
    code: obstacleOf(first)?.code ?? 'fault',
    doing: DOING,
    target,
    what: candidates.map((one) => obstacleOf(one)?.what).join('; '),
    hint: 'name a folder that is writable, may hold programs and has room: --guest-dir',
  });
}
