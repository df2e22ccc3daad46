import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** @returns {import('./needs.js').Machine} */
export function thisMachine() {
  return {
    platform: process.platform,
    architecture: process.arch,
    isRoot: process.getuid?.() === 0,
    distribution: process.platform === 'linux' ? distribution() : '',
  };
}

function distribution() {
  if (!existsSync('/etc/os-release')) return '';
  return /^ID="?([^"\n]*)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
}

/** Debian keeps sshd and friends where an ordinary user's PATH does not look. */
const SUPERUSERS = process.platform === 'linux' ? ['/usr/local/sbin', '/usr/sbin', '/sbin'] : [];

/** Whether a program, or with a leading slash a file, is there. @param {string} probe */
export function isThere(probe) {
  if (probe.startsWith('/')) return existsSync(probe);
  return [...(process.env['PATH'] ?? '').split(delimiter), ...SUPERUSERS].some((folder) =>
    isExecutable(join(folder, probe)),
  );
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
