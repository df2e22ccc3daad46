import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../root.js';

/**
 * npm, Go and gclab keep their caches below HOME, and some of them end at once without it. Where it is not set, the
 * system's own notion of it is taken; where that cannot be written to, a folder of the checkout.
 */
export function ensureHome() {
  const home = systemsHome();
  if (isWritable(home)) {
    process.env['HOME'] = home;
    return;
  }
  const own = join(ROOT, '.cache', 'home');
  mkdirSync(own, { recursive: true });
  const lack = home === '' ? 'there is no home folder' : `the home folder ${home} cannot be written to`;
  process.stderr.write(`setup: ${lack}: caches and VMs go to ${own}\n`);
  process.env['HOME'] = own;
}

/** HOME, or what passwd(5) has for this user; empty for a user that it does not have. */
function systemsHome() {
  try {
    return homedir();
  } catch {
    return '';
  }
}

/** @param {string} folder */
function isWritable(folder) {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
