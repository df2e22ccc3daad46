import { connect } from 'node:net';
import { type ErrorCode, GclabError } from '../errors.js';
import { timeoutSignal } from '../timeout-signal.js';
import type { Console } from './console.js';
import { interrupted } from './failure.js';
import type { Work } from './work.js';

export interface Sshd {
  readonly target: string;
  readonly host: string;
  readonly port: number;
  /** Aborts when the guest is gone, so that nobody waits for it. */
  readonly ended: AbortSignal;
  readonly deadlineMs: number;
  /** What tells of a guest that will never answer, and of how far it got. */
  readonly console?: Console;
  /** Whether the guest's network is up, where the provider can tell. Nobody knocks before. */
  readonly isUp?: () => Promise<boolean>;
}

/** Between one knock and the next: nothing tells from outside when sshd begins to listen. */
const KNOCK_EVERY_MS = 200;

/** QEMU accepts for a guest that has no network yet, and such a connection may never say anything. */
const KNOCK_LASTS_MS = 3_000;

/**
 * A silent knock is given so long before another is made beside it. No sooner: QEMU delivers what it accepted once the
 * guest has a network, even when nobody waits any more, and then each costs the guest a process in its busiest second.
 */
const SILENCE_MS = 1_000;

/** Resolves with the time it took once the guest's sshd greets. Rejects with `vm-start`, `vm-silent`, `vm-panicked` or `interrupted`. */
export async function awaitSsh(sshd: Sshd, work: Work): Promise<number> {
  const startedAt = performance.now();
  const elapsed = () => performance.now() - startedAt;
  const answered = new AbortController();
  const deadline = timeoutSignal(sshd.deadlineMs);
  const panicked = new AbortController();
  const over = AbortSignal.any([work.signal, sshd.ended, deadline, answered.signal, panicked.signal]);
  let pending = 0;
  let lastAt = Number.NEGATIVE_INFINITY;
  const knock = async () => {
    if (pending > 0 && elapsed() - lastAt < SILENCE_MS) return;
    lastAt = elapsed();
    pending++;
    if ((await (sshd.isUp?.() ?? true)) && (await greets(sshd, over))) answered.abort();
    pending--;
  };
  const knocking = setInterval(knock, KNOCK_EVERY_MS);
  const look = async () => {
    tell(elapsed(), work);
    const why = await sshd.console?.gaveUp();
    if (why !== undefined) panicked.abort(why);
  };
  const telling = setInterval(look, 1_000);
  try {
    void knock();
    if (!over.aborted)
      await new Promise((resolve) => over.addEventListener('abort', resolve, { once: true }));
  } finally {
    clearInterval(knocking);
    clearInterval(telling);
  }
  if (answered.signal.aborted) return elapsed();
  if (work.signal.aborted) throw interrupted('waiting for sshd', work.signal.reason);
  if (panicked.signal.aborted) throw failed(sshd, 'vm-panicked', String(panicked.signal.reason), undefined);
  const lastLine = await sshd.console?.lastLine();
  throw sshd.ended.aborted
    ? failed(sshd, 'vm-start', 'the VM powered off', lastLine)
    : failed(sshd, 'vm-silent', `nothing answered within ${Math.round(sshd.deadlineMs / 1_000)} s`, lastLine);
}

function tell(elapsedMs: number, work: Work): void {
  work.onProgress({ doing: 'waiting for sshd', detail: `${Math.round(elapsedMs / 1_000)} s` });
}

/** Whether an SSH server's greeting comes within the time of one knock. */
function greets(where: { host: string; port: number }, over: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({
      host: where.host,
      port: where.port,
      signal: AbortSignal.any([over, timeoutSignal(KNOCK_LASTS_MS)]),
    });
    socket.setEncoding('latin1');
    socket.once('data', (text: string) => {
      resolve(text.startsWith('SSH-2.0'));
      socket.destroy();
    });
    socket.on('error', () => undefined).once('close', () => resolve(false));
  });
}

function failed(sshd: Sshd, code: ErrorCode, what: string, lastLine: string | undefined): GclabError {
  const said = lastLine === undefined ? '' : `; its console ends with: ${lastLine}`;
  const hint = sshd.console === undefined ? {} : { hint: `see its console log, ${sshd.console.path}` };
  return new GclabError({ code, doing: 'waiting for sshd', target: sshd.target, what: what + said, ...hint });
}
