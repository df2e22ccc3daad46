import { structuredPatch } from 'diff';

/** Lines around a change, so that people see where it is. */
const CONTEXT = 1;

/** What an edit changes, as `diff -u` shows it. Null: there is no such file. */
export function diff(path: string, before: string | null, after: string | null): string {
  const { hunks } = structuredPatch(path, path, before ?? '', after ?? '', '', '', { context: CONTEXT });
  const [from, to] = [before === null ? '/dev/null' : path, after === null ? '/dev/null' : path];
  const range = (start: number, count: number): string => `${count === 0 ? start - 1 : start},${count}`;
  const body = hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`,
    ...lines,
  ]);
  return [`--- ${from}`, `+++ ${to}`, ...body, ''].join('\n');
}
