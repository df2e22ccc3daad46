import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** A login shell that takes longer than this may be waiting for a line itself. */
const PATIENCE_MS = 1_000;
const PAUSE_MS = 500;
/** Some start-up files read a line, some a few thousand bytes. */
const BLANK_LINES = [1, 16, 256, 4_096, 16_384, 45_056];

/**
 * Gives a command of `markedReader` its stdin once it reads it (`reads`), so that a start-up file of the login shell
 * (`read -r choice` in a .bashrc) eats nothing that is meant for the command: such a file gets blank lines instead.
 * Resolves with `reads`; rejects with the signal's reason.
 */
export async function handOver(
  stdin: Writable,
  marker: string,
  reads: Promise<boolean>,
  signal: AbortSignal,
): Promise<boolean> {
  const over = new AbortController();
  const end = (): void => over.abort();
  void reads.then(end, end);
  signal.addEventListener('abort', end, { once: true });
  stdin.on('error', () => {});
  await sendBlankLines(stdin, over.signal);
  signal.removeEventListener('abort', end);
  signal.throwIfAborted();
  const reader = await reads;
  if (reader) stdin.write(`${marker}\n`);
  return reader;
}

/** Until `over` aborts. */
async function sendBlankLines(stdin: Writable, over: AbortSignal): Promise<void> {
  const pause = (ms?: number): Promise<void> =>
    sleep(ms ?? 2 ** 31 - 1, undefined, { signal: over }).catch(() => {});
  await pause(PATIENCE_MS);
  for (const count of BLANK_LINES) {
    if (over.aborted) return;
    stdin.write('\n'.repeat(count));
    await pause(PAUSE_MS);
  }
  await pause();
}
