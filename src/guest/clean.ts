import type { Guest, Target } from '../model.js';
import { targetFlags } from '../target-flags.js';
import * as z from '../zod.js';
import { many, text } from './answer.js';
import { parseGuestError } from './guest-error.js';
import { runScript } from './script.js';

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
  const options = { doing: 'cleaning the guest', timeoutMs: 120_000, signal, runAs: 'settled' } as const;
  const answer = await runScript(guest, { name: 'clean', args: [dir] }, options);
  const { removed, kept } = answer.read(cleanAnswer);
  return {
    removed: removed.map(([, what]) => what),
    kept: kept.map((one) => describeKept(one, guest.target)),
  };
}

const record = z.tuple([text(40), text(5_000)]).rest(text(5_000));
const cleanAnswer = z.strictObject({ removed: many(record, 2_000), kept: many(record, 2_000) });

/** What it is, and which command undoes it. */
function describeKept([kind, what, about = '']: z.output<typeof record>, target: Target): string {
  const where = targetFlags(target);
  switch (kind) {
    case 'kernel-options':
      return `the kernel options that ${what} changed: gclab remote revert ${where} undoes that`;
    case 'trial-boot':
      return `the trial boot that ${what} chose: gclab remote revert ${where} undoes that`;
    case 'unreadable':
      return `${about}, which has a line that cannot be read: ${what.slice(0, 200)}`;
    case 'run':
      return about === '' ? what : `${what} (${parseGuestError(about).message})`;
    default:
      return `${kind} ${what}, which only a newer gclab knows how to undo`;
  }
}
