import { targetsFromHosts } from '../inventory/from-flags.js';
import type { Target } from '../model.js';
import { badFlag } from './flags.js';

/** The targets of a command, or wrong usage where it was told none. */
export function targetsFrom(hosts: readonly string[] | undefined): Target[] {
  if (hosts === undefined || hosts.length === 0) {
    badFlag(
      'no host was named',
      'name one with --host HOST (what ssh takes), or --host local for this machine',
    );
  }
  return targetsFromHosts(hosts);
}
