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

/** Its last thread has ended, and with it everything it held open. */
function isZombie(pid: number): boolean {
  const stat = readStat(pid);
  // After the name in parentheses: the state is the third field of proc(5), the number of threads the twentieth.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' && fields[17] === '1';
}

function readStat(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    // macOS has no /proc, and its init reaps.
    return '';
  }
}
