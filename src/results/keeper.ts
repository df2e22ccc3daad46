import { hostname } from 'node:os';
import { beginningOf, isAlive } from '../process-alive.js';

/** The process that writes a folder: two at once would write the same lines of a journal twice. */
export interface Keeper {
  readonly host: string;
  readonly pid: number;
  /** Tells it from a later process with the same id; empty where the platform does not say. */
  readonly since: string;
}

export function keeperHere(): Keeper {
  return { host: hostname(), pid: process.pid, since: beginningOf(process.pid) };
}

/** Whether it is still there. What runs on another controller cannot be seen from here, and counts as gone. */
export function isKeeping({ host, pid, since }: Keeper): boolean {
  return host === hostname() && isAlive(pid) && beginningOf(pid) === since;
}
