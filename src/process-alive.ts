import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Whether a process of that id runs, whoever owns it. One that has ended and waits to be reaped doesn't. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Ends a process at once; fine when it is gone already. */
export function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
  }
}

/** Resolves when a process that was killed is gone. It is nobody's child here, so no event tells. */
export async function processGone(pid: number): Promise<void> {
  while (isAlive(pid)) await delay(5);
}

/**
 * When a process of that id began, in ticks since the boot: tells it from a later one with the same id. Empty where it is gone, and
 * on macOS.
 */
export function beginningOf(pid: number): string {
  return readStat(pid)[22] ?? '';
}

/** Its last thread has ended, and with it everything it held open. */
function isZombie(pid: number): boolean {
  const stat = readStat(pid);
  return stat[3] === 'Z' && stat[20] === '1';
}

/** The fields of proc(5), counted from 1 as there, from the third on. Without any on macOS, which has no /proc and whose init reaps. */
function readStat(pid: number): readonly string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second is a name in parentheses, with whatever in it.
    return ['', '', '', ...text.slice(text.lastIndexOf(')') + 2).split(' ')];
  } catch {
    return [];
  }
}
