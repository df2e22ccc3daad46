/** The word among `known` that was probably meant, if one is near enough: a third of its letters may be wrong. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const asked = word.slice(0, 40).toLowerCase();
  const ranked = known
    .map((one) => ({ one, distance: distanceBetween(asked, one.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best === undefined) return undefined;
  const isStart = asked.length > 1 && best.one.toLowerCase().startsWith(asked);
  return isStart || best.distance <= Math.max(1, Math.floor(best.one.length / 3)) ? best.one : undefined;
}

/** Levenshtein's, with a swap of neighbours as one mistake. */
function distanceBetween(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const now = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const choices = [
        (last[column] ?? 0) + 1,
        (now[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      ];
      if (swapped) choices.push((before[column - 2] ?? 0) + 1);
      now.push(Math.min(...choices));
    }
    before = last;
    last = now;
  }
  return last[b.length] ?? 0;
}
