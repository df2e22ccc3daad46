/** What an edit changes, as `diff -u` would show it, without context: one hunk, since edits are small. */
export function diff(path: string, before: string | null, after: string | null): string {
  const [was, is] = [linesOf(before), linesOf(after)];
  const head = sharedLength(was, is);
  const tail = sharedLength(was.slice(head).reverse(), is.slice(head).reverse());
  const removed = was.slice(head, was.length - tail);
  const added = is.slice(head, is.length - tail);
  return [
    `--- ${before === null ? '/dev/null' : path}`,
    `+++ ${after === null ? '/dev/null' : path}`,
    `@@ -${head + 1},${removed.length} +${head + 1},${added.length} @@`,
    ...removed.map((line) => `-${line}`),
    ...added.map((line) => `+${line}`),
    '',
  ].join('\n');
}

function linesOf(text: string | null): readonly string[] {
  return text === null || text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function sharedLength(one: readonly string[], other: readonly string[]): number {
  const at = one.findIndex((line, index) => line !== other[index]);
  return at === -1 ? Math.min(one.length, other.length) : at;
}
