import type { GclabError } from '../../../errors.js';
import type { GuestFolder } from '../../../guest/folder.js';
import { removeRun } from '../../../guest/remove.js';
import { readRunState } from '../../../journal/read.js';
import type { RunState } from '../../../journal/run-state.js';
import type { Guest } from '../../../model.js';
import type { Connection } from '../../../transport/connection.js';
import { endError, explainGone, isGone, wrongJournal } from './end.js';
import { Following } from './following.js';
import { judge } from './judge.js';
import type { RunTarget } from './run-target.js';

/**
 * Starts a run on the guest, or goes on with one that is there (without a configuration), to its verdict and a clean guest. Whatever goes
 * wrong, what its journal has by then is in the record; and the guest keeps the run as long as something of it is not here.
 */
export async function seeThrough(
  one: RunTarget,
  connection: Connection,
  folder: GuestFolder,
  configuration: string | undefined,
): Promise<void> {
  // Before the guest is changed.
  await learnPlace(one, folder, connection.guest, true);
  const following = await Following.of(one, connection, folder);
  const failure = await following.toEnd(configuration).then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  const state = await stateOf(one, following.state).catch((error: unknown) => {
    throw failure?.error ?? error;
  });
  if (failure === undefined) return await conclude(one, connection, folder, state, following);
  await one.learnTrials(judged(one, state, following)).catch(() => undefined);
  if (following.isCollected) await tidyUp(one, connection.guest, folder, following.isRemoved);
  if (isGone(failure.error)) return await settleGone(one, connection.guest, state, failure.error);
  throw failure.error;
}

/** Nothing of it is on the guest any more. What was brought home to its end before has not failed by that. */
export async function settleGone(
  one: RunTarget,
  guest: Guest,
  state: RunState,
  error: GclabError,
): Promise<void> {
  const failure = state.end === null ? await explainGone(error, one, state, guest) : endError(state, one);
  if (failure !== null) throw failure;
}

async function conclude(
  one: RunTarget,
  connection: Connection,
  folder: GuestFolder,
  state: RunState,
  following: Following,
): Promise<void> {
  await one.phases.run(
    'verdict',
    () => one.learnTrials(judged(one, state, following)),
    () => one.record.verdict?.reason ?? 'no trial was run',
  );
  const remove = (guest: Guest): Promise<void> => removeRun(guest, folder, one.runName);
  await one.phases.run(
    'clean',
    async () => {
      if (!following.isRemoved) await connection.use('removing the run from the guest', remove);
    },
    () => 'the run is gone from the guest',
  );
  await learnPlace(one, folder, connection.guest, false);
  const error = endError(state, one);
  if (error !== null) throw error;
}

function judged(one: RunTarget, state: RunState, following: Following): ReturnType<typeof judge> {
  return judge(state, one.request, (rows) => following.qualify(rows));
}

/** A run that failed and is here to its end leaves nothing behind; where that fails, the record says so. */
async function tidyUp(one: RunTarget, guest: Guest, folder: GuestFolder, isRemoved: boolean): Promise<void> {
  const removal = isRemoved ? Promise.resolve() : removeRun(guest, folder, one.runName);
  await removal.then(() => learnPlace(one, folder, guest, false)).catch(() => undefined);
}

/** `known`: what the journal here says, where somebody has just read it. Rejects where it is of another run: a record is filled from its own alone. */
export async function stateOf(one: RunTarget, known?: RunState): Promise<RunState> {
  const state = known ?? (await readRunState(one.pathOf('journal.ndjson')));
  if (state.header !== null && state.header.run !== one.runName) throw wrongJournal(one, state.header.run);
  return state;
}

async function learnPlace(
  one: RunTarget,
  { dir, gcexp }: GuestFolder,
  guest: Guest,
  left: boolean,
): Promise<void> {
  await one.learn({ guest: { dir, gcexp, privilege: guest.privilege, run: one.runName, left } });
}
