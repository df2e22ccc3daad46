import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../root.js';

/** Where everything lies that is built. */
export const DIST = join(ROOT, 'dist');

/** Every file below a folder whose name matches, in a stable order. @param {string} folder @param {RegExp} name @returns {string[]} */
export function filesBelow(folder, name) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && name.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/**
 * Says whether `dist/NAME.stamp` was written for these sources, and writes it once they are built.
 * @param {string} name @param {readonly string[]} sources @param {string} also what else decides the outcome
 */
export function stampOf(name, sources, also) {
  const file = join(DIST, `${name}.stamp`);
  const hash = createHash('sha256').update(also);
  for (const source of sources) hash.update(source.slice(ROOT.length)).update(readFileSync(source));
  const wanted = hash.digest('hex');
  return {
    isCurrent: () => readIfThere(file) === wanted,
    write: () => writeFileSync(file, wanted),
  };
}

/** @param {string} file */
function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
