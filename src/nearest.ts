import leven from 'leven';

/** Longer than any name that is compared: what was typed may be of any length. */
const MOST_LETTERS = 64;

/** The word among `known` that was probably meant, if one is near enough. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  return nearby(word, known)[0];
}

/**
 * The words among `known` that were perhaps meant, nearest first: those that begin with what was typed, then those in which at most
 * two letters in five are wrong.
 */
export function nearby(word: string, known: readonly string[]): string[] {
  const asked = word.slice(0, MOST_LETTERS).toLowerCase();
  const atMost = Math.ceil((asked.length * 2) / 5);
  return known
    .filter((one) => one !== word)
    .map((one) => ({ one, distance: distanceBetween(asked, one.toLowerCase(), atMost) }))
    .filter(({ distance }) => distance <= atMost)
    .sort((a, b) => a.distance - b.distance)
    .map(({ one }) => one);
}

function distanceBetween(asked: string, known: string, atMost: number): number {
  const isBeginning = asked.length > 1 && known.startsWith(asked);
  return isBeginning ? 0 : leven(asked, known, { maxDistance: atMost + 1 });
}
