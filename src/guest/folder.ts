import { GclabError } from '../errors.js';
import type { Guest } from '../model.js';
import { formatBytes } from '../units.js';
import * as z from '../zod.js';
import { type Answer, text } from './answer.js';
import { runScript, type Script } from './script.js';

/** The folder on the guest that holds gcexp, runs and the ledger, and whether gcexp is there whole. */
export interface GuestFolder {
  readonly dir: string;
  readonly gcexp: string;
  readonly isDeployed: boolean;
}

const yes = z.enum(['yes', 'no']).transform((answer) => answer === 'yes');
const number = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);
/** As provision/guest/locate.sh says it. */
const candidate = z
  .tuple([
    text(4_000).pipe(z.string().startsWith('/')),
    yes,
    yes,
    z.union([z.literal(''), number]),
    yes,
    number,
  ])
  .transform(([dir, writable, exec, freeKiB, deployed, uid]) => ({
    dir,
    writable,
    exec,
    /** Null where the guest cannot tell. */
    freeKiB: freeKiB === '' ? null : freeKiB,
    deployed,
    uid,
  }));
type Candidate = z.output<typeof candidate>;
const locateAnswer = z.strictObject({ candidate: z.array(candidate).min(1).max(8) });

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
  return folderFrom(await ask(guest, locateScript(sha256, wanted)), sha256);
}

/** The same as one of several scripts that run in one command (`runScripts`); its answer is for `folderFrom`. */
export function locateScript(sha256: string, wanted: string | undefined): Script {
  return { name: 'locate', args: [sha256, ...(wanted === undefined ? [] : [wanted])] };
}

/** Rejects with `no-privilege`, `no-exec` or `no-space` where no folder will do. */
export function folderFrom(answer: Answer, sha256: string): LocatedFolder {
  const { candidate: candidates } = answer.read(locateAnswer);
  const usable = candidates.filter((one) => obstacleOf(one) === null);
  const found = usable.find((one) => one.deployed) ?? usable[0];
  if (found === undefined) throw unusable(candidates, answer.question.target);
  return {
    dir: found.dir,
    gcexp: `${found.dir}/bin/gcexp-${sha256}`,
    isDeployed: found.deployed,
    byRoot: found.uid === 0,
  };
}

/** The places that `locate` would look at for this user. */
export async function usualFolders(guest: Guest): Promise<string[]> {
  const answer = await ask(guest, locateScript('-', undefined));
  return answer.read(locateAnswer).candidate.map(({ dir }) => dir);
}

const DOING = 'looking for a folder on the guest';

async function ask(guest: Guest, script: Script): Promise<Answer> {
  return await runScript(guest, script, { doing: DOING, timeoutMs: 30_000, runAs: 'root-if-possible' });
}

interface FolderObstacle {
  readonly code: 'no-privilege' | 'no-exec' | 'no-space';
  readonly what: string;
}

function obstacleOf({ dir, writable, exec, freeKiB }: Candidate): FolderObstacle | null {
  if (!writable) return { code: 'no-privilege', what: `${dir} is not writable, or belongs to someone else` };
  if (!exec) return { code: 'no-exec', what: `${dir} is on a file system mounted noexec` };
  if (freeKiB === null || freeKiB >= WANTED_FREE_KIB) return null;
  const free = formatBytes(freeKiB * 1024);
  return {
    code: 'no-space',
    what: `${dir} has ${free} free, ${formatBytes(WANTED_FREE_KIB * 1024)} are needed`,
  };
}

/** Tells of every candidate; the code is that of the first one that could at least be written. */
function unusable(candidates: readonly Candidate[], target: string): GclabError {
  const first = candidates.find((one) => one.writable) ?? candidates[0];
  return new GclabError({
    code: (first === undefined ? undefined : obstacleOf(first)?.code) ?? 'fault',
    doing: DOING,
    target,
    what: candidates.map((one) => obstacleOf(one)?.what).join('; '),
    hint: 'name a folder that is writable, may hold programs and has room: --guest-dir',
  });
}
