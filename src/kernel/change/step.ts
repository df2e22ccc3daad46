import { GclabError } from '../../errors.js';
import { type Answer, many, single, text } from '../../guest/answer.js';
import { runScript, type Script } from '../../guest/script.js';
import type { Guest } from '../../model.js';
import * as z from '../../zod.js';

/** A script of provision/guest that reads or changes how the guest boots. */
export interface Step extends Script {
  readonly doing: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * Runs one step as root where the guest allows it. On the guest it goes on to its end even when the connection is
 * cut. Rejects as `runScript` does, and with what `FAULTS` makes of a step that says why it did not do what it was asked.
 */
export async function runStep(guest: Guest, { name, args = [], ...step }: Step): Promise<Answer> {
  const options = { runAs: 'settled', maxAnswerBytes: MAX_ANSWER_BYTES, ...step } as const;
  const answer = await runScript(guest, { name, args }, options);
  if (answer.result !== 'done') throw fault(answer);
  return answer;
}
type Why = Pick<ConstructorParameters<typeof GclabError>[0], 'code' | 'what' | 'hint'>;

/** Only what the guest saw itself put back counts. */
function putBack(whole: string | undefined): string {
  return whole === 'yes'
    ? 'what had been changed was put back'
    : 'not everything is as it was before: the ledger names it, and gclab remote revert tries to undo it';
}

/** How the steps say that they ended. */
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
  'write-failed': ([path = '?', whole]) => ({
    code: 'change-failed',
    what: `${path} could not be written; ${putBack(whole)}`,
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
  'reboot-refused': ([said = '']) => ({
    code: 'not-ready',
    what: `the guest refused to reboot${said === '' ? '' : `: ${said}`}`,
    hint: 'See what holds it back (`systemd-inhibit --list` there names it), end that, and run the command again',
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
  'update-grub-failed': ([whole]) => ({
    code: 'change-failed',
    what: `update-grub failed${whole === 'yes' ? ', and what boots was never touched' : ''}; ${putBack(whole)}`,
    hint: 'Run update-grub there by hand to see why',
  }),
};

function fault(answer: Answer): GclabError {
  const why = FAULTS[answer.result]?.(answer.about);
  if (why === undefined) return answer.unknownResult();
  const said = answer.read(z.looseObject({ log: many(single(text(1_000)), 20) })).log;
  const log = said.slice(-3).join(' / ');
  const { doing, target } = answer.question;
  return new GclabError({
    ...why,
    what: log === '' ? why.what : `${why.what}: ${log}`,
    doing,
    target,
    result: answer.remote,
  });
}
