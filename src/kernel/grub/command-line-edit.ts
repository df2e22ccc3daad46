import { endOfParameters, sameParameter, words } from '../command-line.js';
import type { TokenEdit } from './default-grub.js';

/** A file that is one command line (Raspberry Pi's cmdline.txt): words dropped, and added before `--`. */
export function editCommandLine(text: string, { add, drop }: TokenEdit): string {
  const [, line = '', rest = ''] = /^([^\r\n]*)([\s\S]*)$/.exec(text) ?? [];
  const kept = words(line).filter((word) => !drop.some((unwanted) => sameParameter(word, unwanted)));
  const missing = add.filter((word) => !kept.some((other) => sameParameter(word, other)));
  if (missing.length === 0 && kept.length === words(line).length) return text;
  const end = endOfParameters(kept);
  return [...kept.slice(0, end), ...missing, ...kept.slice(end)].join(' ') + rest;
}
