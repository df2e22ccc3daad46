import { connect } from 'node:net';
import { timeoutSignal } from '../../concurrency/timeout-signal.js';
import { GclabError } from '../../errors.js';
import { interrupted } from '../controller/failure.js';
import type { Work } from '../provider.js';
import type { Console } from './console.js';

export interface Sshd {
  readonly target: string;
  readonly host: string;
  readonly port: number;
  readonly deadlineMs: number;
  /** Aborts with an error as its reason when the guest will not come up. */
  readonly failed?: AbortSignal;
  /** What a guest that never answers is shown with. */
  readonly console?: Console;
  /** Whether the guest's network is up, where the provider can tell. No connection is made before. */
  readonly isUp?: () => Promise<boolean>;
  /** What else is known of the guest while it is waited for; empty where that is nothing. */
  readonly describe?: () => string;
}

/** Between one attempt to connect and the next: nothing tells from outside when sshd begins to listen. */
const ATTEMPT_EVERY_MS = 200;

/**
 * QEMU accepts for a guest that has no network yet, and such a connection may never say anything. A guest that is
 * emulated on a busy machine may take longer to greet, so each silence doubles the wait: sshd turns away whoever comes
 * while it is busy with connections that nobody waits for any more.
 */
const FIRST_WAIT_MS = 3_000;
const LONGEST_WAIT_MS = 30_000;

/**
 * A silent connection is given this share of its wait before another is made beside it. No sooner: QEMU delivers what it
 * accepted once the guest has a network, even when nobody waits any more, and then each costs the guest a process in its
 * busiest second. So few are open at once, where sshd takes ten (MaxStartups of sshd_config(5)).
 */
const SHARE_ALONE = 1 / 3;

/** Resolves with the time it took once the guest's sshd greets. Rejects with `vm-silent`, `interrupted`, or as `failed` says. */
export async function awaitSsh(sshd: Sshd, work: Work): Promise<number> {
  const startedAt = performance.now();
  const elapsed = () => performance.now() - startedAt;
  const answered = new AbortController();
  const deadline = timeoutSignal(sshd.deadlineMs);
  const failed = sshd.failed ?? new AbortController().signal;
  const over = AbortSignal.any([work.signal, failed, deadline, answered.signal]);
  let pending = 0;
  let lastAt = Number.NEGATIVE_INFINITY;
  let waitMs = FIRST_WAIT_MS;
  const attempt = async () => {
    if (pending > 0 && elapsed() - lastAt < waitMs * SHARE_ALONE) return;
    lastAt = elapsed();
    pending++;
    const answer = (await (sshd.isUp?.() ?? true)) ? await greeting(sshd, over, waitMs) : 'closed';
    if (answer === 'greets') answered.abort();
    if (answer === 'silent') waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
    pending--;
  };
  const attempting = setInterval(attempt, ATTEMPT_EVERY_MS);
  const telling = setInterval(() => tell(elapsed(), sshd.describe?.() ?? '', work), 1_000);
  try {
    void attempt();
    if (!over.aborted)
      await new Promise((resolve) => over.addEventListener('abort', resolve, { once: true }));
  } finally {
    clearInterval(attempting);
    clearInterval(telling);
  }
  if (answered.signal.aborted) return elapsed();
  if (work.signal.aborted) throw interrupted('waiting for sshd', work.signal.reason);
  throw failed.aborted ? failed.reason : await silent(sshd);
}

function tell(elapsedMs: number, also: string, work: Work): void {
  const waited = `${Math.round(elapsedMs / 1_000)} s`;
  work.onProgress({ doing: 'waiting for sshd', detail: also === '' ? waited : `${waited}; ${also}` });
}

/** What one connection comes to: an SSH server's greeting, its end or something else, or nothing in this time. */
function greeting(
  where: { host: string; port: number },
  over: AbortSignal,
  waitMs: number,
): Promise<'greets' | 'closed' | 'silent'> {
  const timeout = timeoutSignal(waitMs);
  return new Promise((resolve) => {
    const socket = connect({ host: where.host, port: where.port, signal: AbortSignal.any([over, timeout]) });
    socket.setEncoding('latin1');
    socket.once('data', (text: string) => {
      resolve(text.startsWith('SSH-2.0') ? 'greets' : 'closed');
      socket.destroy();
    });
    socket.on('error', () => undefined).once('close', () => resolve(timeout.aborted ? 'silent' : 'closed'));
  });
}

async function silent({ target, deadlineMs, console }: Sshd): Promise<GclabError> {
  const lastLine = await console?.lastLine();
  const said = lastLine === undefined ? '' : `; its console ends with: ${lastLine}`;
  const what = `nothing answered within ${Math.round(deadlineMs / 1_000)} s${said}`;
  const hint = console === undefined ? {} : { hint: `see its console log, ${console.path}` };
  return new GclabError({ code: 'vm-silent', doing: 'waiting for sshd', target, what, ...hint });
}
