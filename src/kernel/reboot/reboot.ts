import { setTimeout as sleep } from 'node:timers/promises';
import { GclabError } from '../../errors.js';
import type { Guest } from '../../model.js';
import { runStep } from '../change/step.js';
import { type Rebooted, type RebootOptions, RebootWait } from './reboot-wait.js';

/**
 * The old connection is the cheapest witness of the shutdown. When it is asked over that one, should it still be there, whether it
 * refused: soon, and later for slow guests; past the last a fresh connection is tried.
 */
const ASKED_AFTER_MS = [2_000, 8_000, 30_000];

/**
 * Reboots the guest and waits until a fresh connection answers with another boot id, which is the only proof.
 * Closes `guest`. Rejects with `not-ready` for this machine itself and for a guest that refuses, `reboot-timeout` (which says what was
 * seen last), `host-key-changed` and its like, and `interrupted`.
 */
export async function reboot(guest: Guest, options: RebootOptions): Promise<Rebooted> {
  if (guest.target.source.kind === 'local') throw notMyself(guest);
  await ask(guest, options.signal);
  const wait = new RebootWait(guest.target.name, options);
  try {
    wait.enter('shutting-down');
    await witness(guest, wait.signal).finally(() => guest.close().catch(() => {}));
    return await wait.poll();
  } finally {
    wait.end();
  }
}

/** Resolves once the guest is gone, or has been there for too long. Rejects where it says that it refused. */
async function witness(guest: Guest, signal: AbortSignal): Promise<void> {
  const over = AbortSignal.any([guest.lost, signal]);
  let passed = 0;
  for (const after of ASKED_AFTER_MS) {
    await sleep(after - passed, undefined, { signal: over }).catch(() => {});
    if (over.aborted) return;
    passed = after;
    await refusal(guest, over);
  }
}

/** Of a guest that is going down, any other answer is none. */
async function refusal(guest: Guest, signal: AbortSignal): Promise<void> {
  const step = { name: 'reboot-answer', doing: 'rebooting', timeoutMs: 10_000, signal } as const;
  await runStep(guest, step).catch((error: unknown) => {
    if (error instanceof GclabError && error.code === 'not-ready') throw error;
  });
}

/** A connection lost before the answer may be the reboot already: the boot id will tell. */
async function ask(guest: Guest, signal: AbortSignal | undefined): Promise<void> {
  const step = { name: 'reboot', doing: 'rebooting', timeoutMs: 30_000 } as const;
  try {
    await runStep(guest, signal === undefined ? step : { ...step, signal });
  } catch (error) {
    if (!(error instanceof GclabError) || error.code !== 'connection-lost') throw error;
  }
}

function notMyself(guest: Guest): GclabError {
  return new GclabError({
    code: 'not-ready',
    doing: 'rebooting',
    target: guest.target.name,
    what: 'gclab runs on this machine itself, and does not reboot it',
    hint: 'Reboot it by hand, then run `gclab remote check`',
  });
}
