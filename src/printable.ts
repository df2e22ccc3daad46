/**
 * Text of a guest, a file or a user made safe for a terminal: control characters (escape sequences, carriage
 * returns, C1 and bidirectional overrides) become visible, newlines and tabs become spaces, length is bounded.
 */
export function printable(text: string, maxLength = 2_000): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  return cut.replace(/[\t\n]+/g, ' ').replace(UNPRINTABLE, escapeCharacter);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

function escapeCharacter(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
