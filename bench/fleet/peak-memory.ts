import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from '../measure.js';

const LOOK_MS = 50;
const BYTES_PER_PAGE = 4096;

/** The most that a command and all of its children together held in memory, in bytes. Looking costs time: no run to measure that by. */
export async function peakMemory({ argv: [program = '', ...args], cwd }: Command): Promise<number> {
  const child = spawn(program, args, { cwd, detached: true, stdio: 'ignore' });
  const ended = once(child, 'exit').then(() => true);
  let peak = 0;
  while (!(await Promise.race([ended, sleep(LOOK_MS, false)]))) peak = Math.max(peak, held(child.pid ?? 0));
  return peak;
}

/** Shared pages count for each process. */
function held(session: number): number {
  let pages = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const fields = fieldsOf(pid);
    // proc(5): session is the sixth field, rss the 24th.
    if (Number(fields[3]) === session) pages += Number(fields[21]);
  }
  return pages * BYTES_PER_PAGE;
}

/** From the third on. Empty: it ended meanwhile. */
function fieldsOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
  } catch {
    return [];
  }
}
