import { hostname } from 'node:os';
import { bootOf, isAlive, startOf } from '../process-alive.js';

/** The process that writes a folder: of two at once each would think that the run is its own. */
export interface Owner {
  /** For people: it changes with the network, so it decides nothing where `boot` is known. */
  readonly hostName: string;
  /** The boot of the machine that it runs in; null where that is not known. */
  readonly boot: string | null;
  readonly pid: number;
  /** When it began, as the platform tells it: tells it from a later process with the same id. Null where it is not known. */
  readonly began: string | null;
}

/** This process. */
export async function ownerHere(): Promise<Owner> {
  const { pid } = process;
  const [boot, began] = await Promise.all([bootOf(), startOf(pid)]);
  return { hostName: hostname(), boot, pid, began };
}

/** Whether it is still at it. What runs on another machine, or did before it was booted anew, is not to be seen, and counts as gone. */
export async function isOwning(owner: Owner): Promise<boolean> {
  if (!isAlive(owner.pid)) return false;
  const [boot, began] = await Promise.all([bootOf(), startOf(owner.pid)]);
  const isHere = boot === null || owner.boot === null ? owner.hostName === hostname() : owner.boot === boot;
  return isHere && owner.began === began;
}
