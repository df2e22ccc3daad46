import { GclabError } from '../../../errors.js';
import type { RunState } from '../../../journal/run-state.js';
import { unfinished } from '../../../journal/verdict.js';
import { readBootId } from '../../../kernel/reboot/boot-id.js';
import type { Guest } from '../../../model.js';
import type { RunTarget } from './run-target.js';

const DOING = 'running the experiment';

/** A journal that ends otherwise than `complete` is a failure, whatever trials it has. */
export function endError(state: RunState, one: RunTarget): GclabError | null {
  const { target, request } = one;
  const seen = `${one.record.counts.finished} of ${request.settings.trials} trials finished`;
  const error = (
    code: 'interrupted' | 'run-failed' | 'run-timeout',
    what: string,
    hint: string,
  ): GclabError =>
    new GclabError({ code, doing: DOING, target: target.name, what: `${what} (${seen})`, hint });
  switch (state.end?.reason) {
    case 'complete':
      return null;
    case 'stopped':
      return request.signal.aborted
        ? error('interrupted', 'the run was stopped', 'start it again')
        : error('run-failed', 'somebody stopped the run on the guest', 'start it again');
    case 'timeout':
      return error('run-timeout', 'the run took longer than it may', 'give it more time with --timeout');
    default:
      return error('run-failed', 'the journal has no end', 'start it again');
  }
}

/** The journal that is here belongs to another run: nothing in it is of this one. */
export function wrongJournal({ target, runName }: RunTarget, other: string): GclabError {
  return new GclabError({
    code: 'guest-answer',
    doing: 'reading the journal',
    target: target.name,
    what: `it is of the run ${JSON.stringify(other.slice(0, 80))}, and this one is ${runName}`,
    hint: 'it is left as it is; look at who else writes there',
  });
}

const GONE: ReadonlySet<string> = new Set(['supervisor-died', 'guest-rebooted', 'no-run']);

/** Whether the guest says that nothing of this run goes on there: everything there is of it was sent. */
export function isGone(error: unknown): error is GclabError {
  return error instanceof GclabError && GONE.has(error.code);
}

/** Why a run that is gone is: a guest that was rebooted has another boot id than the one that the run began in. */
export async function explainGone(
  error: GclabError,
  one: RunTarget,
  state: RunState | undefined,
  guest: Guest,
): Promise<GclabError> {
  const { target, record } = one;
  const isRebooted = error.code === 'guest-rebooted' || (await hasOtherBoot(one, state, guest));
  const underWay = state?.rows().find(({ verdict }) => verdict === null)?.trial;
  const parts = [
    isRebooted ? 'the guest was rebooted before the run had ended' : WHY[error.code],
    unfinished(record.counts) ?? 'no trial is missing',
    ...(underWay === undefined ? [] : [`trial ${underWay} was under way`]),
  ];
  return new GclabError({
    code: isRebooted ? 'guest-rebooted' : error.code,
    doing: DOING,
    target: target.name,
    what: parts.join('; '),
    hint: 'start it again; what is here of it stays here',
    cause: error,
  });
}

/** The Go program tells it by itself where the run's folder outlived the reboot. */
async function hasOtherBoot(one: RunTarget, state: RunState | undefined, guest: Guest): Promise<boolean> {
  const began = state?.header?.host.bootId || one.record.facts?.kernel.bootId;
  const now = await readBootId(guest).catch(() => null);
  return typeof began === 'string' && now !== null && now !== began;
}

const WHY: Readonly<Record<string, string>> = {
  'supervisor-died': "the run's supervisor was killed before the run had ended",
  'no-run': 'nothing of the run is on the guest: it never began there, or somebody removed it',
};
