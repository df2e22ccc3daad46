import { execFile } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

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
 * When a process of that id began, as the platform tells it (ticks since the boot, or `ps`'s date): tells it from a later one with the same
 * id. Null where it is gone or the platform does not say.
 */
export async function startOf(pid: number, platform: string = process.platform): Promise<string | null> {
  if (platform === 'linux') return readStat(pid)[22] ?? null;
  return await firstLine('ps', ['-o', 'lstart=', '-p', String(pid)]);
}

/**
 * Tells this boot of this machine, and what it sees of processes, from all others: a host name changes with the network, and a copied
 * image has the machine id of the first. Null where the platform has nothing of the kind.
 */
export async function bootOf(platform: string = process.platform): Promise<string | null> {
  if (platform !== 'linux') return await firstLine('sysctl', ['-n', 'kern.bootsessionuuid']);
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    // Process ids of another container mean others.
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return null;
  }
}

/** In one language and time zone, whatever those of the user are. */
async function firstLine(program: string, args: readonly string[]): Promise<string | null> {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const { stdout } = await promisify(execFile)(program, args, { env, timeout: 5_000 }).catch(() => ({
    stdout: '',
  }));
  return stdout.split('\n')[0]?.trim() || null;
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
