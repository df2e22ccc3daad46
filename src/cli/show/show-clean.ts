import { printable } from '../../printable.js';
import type { CleanDocument } from '../../workflows/clean.js';
import { errorLines, type Print } from './lines.js';

/** What was removed from each host, and what is still in use there. */
export function showClean(document: CleanDocument, print: Print): void {
  for (const { name: target, removed, kept, outcome, error } of document.targets) {
    const name = printable(target, 60);
    for (const path of removed) print(`${name}: removed ${printable(path)}`);
    for (const path of kept) print(`${name}: kept ${printable(path)}`);
    if (error !== null) for (const line of errorLines(target, outcome, error)) print(line);
    else if (removed.length + kept.length === 0) print(`${name}: nothing of gclab is there`);
  }
}
