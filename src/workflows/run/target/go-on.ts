import { GclabError } from '../../../errors.js';
import type { GuestFolder } from '../../../guest/folder.js';
import type { Guest } from '../../../model.js';
import type { GuestPlace } from '../../../results/run-folder.js';
import { askForPassword } from '../../facts.js';
import { connected } from './connect.js';
import { Deployment } from './deployment.js';
import { judge } from './judge.js';
import type { RunTarget } from './run-target.js';
import { seeThrough, settleGone, stateOf } from './see-through.js';

/** Goes on with what an earlier controller left on one target's guest, from what is here of it, to its verdict and a clean guest. */
export async function goOnWith(one: RunTarget): Promise<void> {
  const place = one.record.guest;
  if (place === null) throw new Error(`nothing of ${one.target.name} was left behind`);
  await one.learn({ outcome: null, error: null });
  await stateOf(one);
  try {
    await connected(one, async (connection) => {
      await becomeAgain(place, connection.guest, one);
      const there = await connection.use('looking for the run', (guest) => look(place, guest));
      if (!there.run) return await settle(one, place, connection.guest);
      const folder = await connection.use('deploying gcexp', (guest) =>
        folderOf(place, guest, there.gcexp, one),
      );
      await seeThrough(one, connection, folder, undefined);
    });
  } catch (error) {
    // With a VM that is deleted, what was left on it is gone.
    if (error instanceof GclabError && error.code === 'vm-unknown') {
      await one.learn({ guest: { ...place, left: false } });
    }
    throw error;
  }
}

async function becomeAgain({ privilege }: GuestPlace, guest: Guest, one: RunTarget): Promise<void> {
  if (privilege === 'sudo-password') await askForPassword(guest, one.request);
  else guest.setPrivilege(privilege);
}

/** What of it is on the guest, told by the exit code: a login shell may print things of its own. */
async function look(
  place: GuestPlace,
  guest: Guest,
): Promise<{ readonly run: boolean; readonly gcexp: boolean }> {
  const script = '[ -d "$1" ] || exit 3; [ -x "$2" ] || exit 4';
  const { exitCode } = await guest.exec(
    ['sh', '-c', script, 'sh', `${place.dir}/runs/${place.run}`, place.gcexp],
    { asRoot: guest.privilege !== 'none', timeoutMs: 30_000 },
  );
  return { run: exitCode !== 3, gcexp: exitCode !== 3 && exitCode !== 4 };
}

/** It never began there, or somebody removed it. */
async function settle(one: RunTarget, place: GuestPlace, guest: Guest): Promise<void> {
  const state = await stateOf(one);
  await one.learnTrials({ ...judge(state, one.request, (rows) => rows), guest: { ...place, left: false } });
  await settleGone(one, guest, state, noRun(one));
}

function noRun({ target, runName }: RunTarget): GclabError {
  return new GclabError({
    code: 'no-run',
    doing: 'going on with a run',
    target: target.name,
    what: `${runName} is not on the guest`,
  });
}

/** The Go program may be gone while the run goes on: then it is put there again. */
async function folderOf(
  { dir, gcexp }: GuestPlace,
  guest: Guest,
  isThere: boolean,
  { record, phases, request }: RunTarget,
): Promise<GuestFolder> {
  if (isThere || record.facts === null) return { dir, gcexp, isDeployed: true };
  phases.note('the Go program is gone from the guest: it is put there again');
  const deployment = new Deployment(guest, { ...request, guestDir: dir });
  return await deployment.deploy(record.facts, (progress) => phases.progress(progress));
}
