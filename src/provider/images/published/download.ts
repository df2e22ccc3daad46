import { open, rm, stat } from 'node:fs/promises';
import { timeoutSignal } from '../../../concurrency/timeout-signal.js';
import { GclabError } from '../../../errors.js';
import { interrupted } from '../../controller/failure.js';
import { fileSystemFault } from '../../controller/file-system-fault.js';
import type { Work } from '../../provider.js';
import { hashFile } from './checksums.js';

export interface Download {
  readonly url: string;
  /** Holds what has come so far. It stays after a failure, and the next download goes on from it. */
  readonly partFile: string;
  readonly algorithm: 'sha256' | 'sha512';
  readonly sum: string;
  /** For people: `ubuntu:24.04`. */
  readonly label: string;
  /** A server that sends nothing for this long is given up. */
  readonly idleMs: number;
}

/**
 * Brings a file and checks its sum. A cut connection is taken up again where it broke, for as long as each try brings
 * something. Rejects with `download-failed`, `checksum-wrong` (and forgets what had come), or `interrupted`.
 */
export async function download(wanted: Download, work: Work): Promise<void> {
  try {
    while (!(await fetchOnce(wanted, work))) {
      // The connection broke after bringing something: go on from there at once.
    }
    await verify(wanted, work);
  } catch (cause) {
    if (work.signal.aborted) throw interrupted(`downloading ${wanted.label}`, cause);
    const fault = fileSystemFault(cause, `downloading ${wanted.label}`);
    throw fault instanceof GclabError ? fault : failed(wanted, describe(cause), cause);
  }
}

/** A small text, such as a list of sums. */
export async function fetchText(url: string, label: string, work: Work, idleMs: number): Promise<string> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([work.signal, timeoutSignal(idleMs)]),
    });
    if (response.ok) return await response.text();
    await response.body?.cancel();
    throw failed({ url, label }, `the server answered ${response.status}`);
  } catch (cause) {
    if (work.signal.aborted) throw interrupted(`downloading ${label}`, cause);
    throw cause instanceof GclabError ? cause : failed({ url, label }, describe(cause), cause);
  }
}

/** True when the file is complete, false when the connection broke but brought something. */
async function fetchOnce(wanted: Download, work: Work): Promise<boolean> {
  const have = await sizeOf(wanted.partFile);
  const idle = new IdleTimer(wanted.idleMs);
  const signal = AbortSignal.any([work.signal, idle.signal]);
  try {
    const headers: Record<string, string> = have === 0 ? {} : { range: `bytes=${have}-` };
    const response = await fetch(wanted.url, { headers, signal });
    // The range starts at the end: everything is there already.
    if (response.status === 416 && have > 0) return true;
    const from = startOf(response, have, wanted);
    await save(response, from, wanted, work, idle);
    return true;
  } catch (cause) {
    const broughtSomething = (await sizeOf(wanted.partFile)) > have;
    if (work.signal.aborted || !broughtSomething || cause instanceof GclabError) throw cause;
    return false;
  } finally {
    idle.stop();
  }
}

/** Where in the file this answer begins. A server that knows no ranges sends everything again. */
function startOf(response: Response, have: number, wanted: Download): number {
  if (response.status === 200) return 0;
  const from = Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1] ?? Number.NaN);
  if (response.status === 206 && from === have) return have;
  throw failed(wanted, `the server answered ${response.status}`);
}

/** Every write has ended when this returns or throws, so the file's size is where the next try goes on. */
async function save(
  response: Response,
  from: number,
  wanted: Download,
  work: Work,
  idle: IdleTimer,
): Promise<void> {
  const length = Number(response.headers.get('content-length') ?? Number.NaN);
  const total = Number.isNaN(length) ? {} : { totalBytes: from + length };
  let doneBytes = from;
  const file = await open(wanted.partFile, from === 0 ? 'w' : 'a');
  try {
    for await (const chunk of response.body ?? []) {
      idle.restart();
      await file.appendFile(chunk);
      doneBytes += chunk.length;
      work.onProgress({ doing: `downloading ${wanted.label}`, doneBytes, ...total });
    }
  } finally {
    await file.close();
  }
}

async function verify(wanted: Download, work: Work): Promise<void> {
  const totalBytes = await sizeOf(wanted.partFile);
  let doneBytes = 0;
  const sum = await hashFile(wanted.partFile, wanted.algorithm, work.signal, (bytes) => {
    doneBytes += bytes;
    work.onProgress({ doing: `verifying ${wanted.label}`, doneBytes, totalBytes });
  });
  if (sum === wanted.sum) return;
  await rm(wanted.partFile, { force: true });
  throw new GclabError({
    code: 'checksum-wrong',
    doing: `verifying ${wanted.label}`,
    what: `${wanted.url} has the ${wanted.algorithm} sum ${sum}, published is ${wanted.sum}`,
    hint: 'try again; if it stays so, the mirror is not to be trusted: take another with --mirror',
  });
}

class IdleTimer {
  readonly #controller = new AbortController();
  readonly #ms: number;
  #timer: NodeJS.Timeout;

  constructor(ms: number) {
    this.#ms = ms;
    this.#timer = this.#begin();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#begin();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #begin(): NodeJS.Timeout {
    return setTimeout(() => this.#controller.abort(new Error(`nothing came for ${this.#ms} ms`)), this.#ms);
  }
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}

/** fetch hides what happened in its error's cause. */
function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? `${cause.message}: ${cause.cause.message}` : cause.message;
}

function failed(wanted: { url: string; label: string }, what: string, cause?: unknown): GclabError {
  return new GclabError({
    code: 'download-failed',
    doing: `downloading ${wanted.label}`,
    what: `${wanted.url}: ${what}`,
    hint: 'run it again to go on where it stopped, or name another mirror with --mirror; bootstrap:bookworm needs no image host',
    cause,
  });
}
