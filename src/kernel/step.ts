import { GclabError } from '../errors.js';
import type { Guest, RemoteResult } from '../model.js';
import { guestScript } from '../transport/guest-script.js';
import { type Answer, type Exchange, readAnswer, unreadable } from './answer.js';

/** A script of provision/guest that reads or changes how the guest boots. */
export interface Step {
  readonly name: 'boot-state' | 'ledger' | 'change' | 'commit' | 'restore' | 'reboot' | 'trial';
  readonly doing: string;
  readonly args?: readonly string[];
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface StepAnswer {
  readonly answer: Answer;
  readonly remote: RemoteResult;
  readonly exchange: Exchange;
}

const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * Runs one step as root where the guest allows it. On the guest it goes on to its end even when the connection is
 * cut. Rejects with `guest-answer` when the answer is none, `remote-timeout`, and with what `fault` makes of a
 * step that says why it did not do what it was asked.
 */
export async function runStep(guest: Guest, step: Step): Promise<StepAnswer> {
  const exchange: Exchange = { mark: 'gclab-step', doing: step.doing, target: guest.target.name };
  const [common, own] = await Promise.all([guestScript('step.sh'), guestScript(`${step.name}.sh`)]);
  const remote = await guest.exec(['sh', '-s', '--', ...(step.args ?? [])], {
    stdin: `${common}\n${own}\nrun_step "$@" </dev/null\nexit 0\n`,
    timeoutMs: step.timeoutMs,
    maxOutputBytes: MAX_ANSWER_BYTES,
    asRoot: guest.privilege !== 'none',
    ...(step.signal === undefined ? {} : { signal: step.signal }),
  });
  const answer = readAnswer(remote, exchange);
  const result = answer.get('result')?.[0];
  if (result === undefined) throw unreadable(remote, exchange, 'the answer does not say how it went');
  if (result !== 'done') throw fault(result, answer, remote, exchange);
  return { answer, remote, exchange };
}

type Why = Pick<ConstructorParameters<typeof GclabError>[0], 'code' | 'what' | 'hint'>;

/** What step.sh and the steps call `result`. */
const FAULTS: Readonly<Record<string, (about: readonly string[]) => Why>> = {
  locked: () => ({
    code: 'guest-busy',
    what: 'another gclab is changing this guest',
    hint: 'Wait for it and try again',
  }),
  'dpkg-locked': ([pid = '?', command = '']) => ({
    code: 'guest-busy',
    what: `packages are being installed there (process ${pid}${command === '' ? '' : `, ${command}`})`,
    hint: 'Wait until that has ended and try again',
  }),
  'no-space': ([what = 'a file cannot be written']) => ({
    code: 'no-space',
    what,
    hint: 'Make room there, or see whether the disk is read-only',
  }),
  'write-failed': ([path = '?']) => ({
    code: 'change-failed',
    what: `${path} could not be written; what had been changed was put back`,
    hint: 'See whether the disk is full or read-only',
  }),
  'changed-since': ([path = '?']) => ({
    code: 'changed-since',
    what: `${path} is not what it was when gclab last looked or wrote`,
    hint: 'Someone else edits it: look at it, then try again',
  }),
  'backup-gone': ([path = '?']) => ({
    code: 'changed-since',
    what: `the backup of ${path} is gone`,
    hint: 'Put the file back by hand',
  }),
  'no-reboot': () => ({
    code: 'change-failed',
    what: 'the reboot could not be asked for',
    hint: 'Reboot it by hand',
  }),
  'trial-refused': () => ({
    code: 'change-failed',
    what: 'GRUB did not take the trial entry',
    hint: 'Run it without `--trial`',
  }),
  'update-grub-failed': () => ({
    code: 'change-failed',
    what: 'update-grub failed; everything was put back, and what boots was never touched',
    hint: 'Run update-grub there by hand to see why',
  }),
};

function fault(result: string, answer: Answer, remote: RemoteResult, exchange: Exchange): GclabError {
  const why = FAULTS[result]?.(answer.get('about') ?? []);
  if (why === undefined) return unreadable(remote, exchange, 'the answer says a result that is none');
  const log = (answer.get('log') ?? []).slice(-3).join(' / ');
  return new GclabError({
    ...why,
    what: log === '' ? why.what : `${why.what}: ${log}`,
    doing: exchange.doing,
    target: exchange.target,
    result: remote,
  });
}
