import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';

/** Names of ssh_config that a mistyped one may have meant: at most two letters in five off, nearest first. */
export async function nearbyNames(name: string, configFile: string | undefined): Promise<string[]> {
  const file = configFile ?? join(userInfo().homedir, '.ssh', 'config');
  const text = await readFile(file, 'utf8').catch(() => '');
  const names = [...text.matchAll(/^\s*Host[\s=]+(.*)$/gim)].flatMap(([, list]) => (list ?? '').split(/\s+/));
  return [...new Set(names)]
    .filter((known) => /^[\w.-]{1,64}$/.test(known))
    .map((known) => ({ known, off: distance(name.slice(0, 64), known) }))
    .filter(({ off }) => off * 5 <= name.length * 2)
    .sort((one, other) => one.off - other.off)
    .slice(0, 3)
    .map(({ known }) => known);
}

/** Levenshtein. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const swapped = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(swapped, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
