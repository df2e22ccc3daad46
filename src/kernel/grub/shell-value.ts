/**
 * The right side of a shell assignment, character by character, each with the place it comes from. So a word can
 * be taken out, or put in, and every other byte of the file stays what it was.
 */

export interface Char {
  /** What the shell makes of it; `OPAQUE` where only running the shell would tell. */
  readonly char: string;
  /** From here to there in the file. */
  readonly start: number;
  readonly end: number;
}

export interface ShellValue {
  readonly start: number;
  readonly end: number;
  readonly chars: readonly Char[];
  /** The place before the closing quote that ends the value, if one does. */
  readonly closingQuote: number | null;
}

/** Stands for an expansion (`$X`, `$(…)`, a backtick), whatever it gives. */
export const OPAQUE = '\uFFFF';

/** A carriage return is no white space to the shell: it is part of the value. */
const isEnd = (char: string | undefined): boolean => char === undefined || /[ \t\n;&|()<>]/.test(char);

/** The word that begins at `start`; null where a quote or an expansion has no end. */
export function shellValue(text: string, start: number): ShellValue | null {
  const chars: Char[] = [];
  let at = start;
  let closingQuote: number | null = null;
  while (!isEnd(text[at])) {
    const piece = pieceAt(text, at);
    if (piece === null) return null;
    chars.push(...piece.chars);
    // Behind the closing quote, only a carriage return keeps it the last.
    if (piece.closingQuote !== undefined) closingQuote = piece.closingQuote;
    else if (text[at] !== '\r') closingQuote = null;
    at = piece.end;
  }
  return { start, end: at, chars, closingQuote };
}

interface Piece {
  readonly chars: readonly Char[];
  readonly end: number;
  readonly closingQuote?: number;
}

function pieceAt(text: string, at: number): Piece | null {
  switch (text[at]) {
    case "'":
      return singleQuoted(text, at);
    case '"':
      return doubleQuoted(text, at);
    case '\\':
      return escaped(text, at);
    default:
      return plainOrExpansion(text, at);
  }
}

function singleQuoted(text: string, at: number): Piece | null {
  const close = text.indexOf("'", at + 1);
  if (close === -1) return null;
  const chars = [...text.slice(at + 1, close)].map((char, index) => one(char, at + 1 + index));
  return { chars, end: close + 1, closingQuote: close };
}

function doubleQuoted(text: string, at: number): Piece | null {
  const chars: Char[] = [];
  let here = at + 1;
  while (text[here] !== '"') {
    if (here >= text.length) return null;
    const piece = text[here] === '\\' ? escapedInQuotes(text, here) : plainOrExpansion(text, here);
    if (piece === null) return null;
    chars.push(...piece.chars);
    here = piece.end;
  }
  return { chars, end: here + 1, closingQuote: here };
}

/** Outside quotes a backslash protects anything; before a newline both are gone. */
function escaped(text: string, at: number): Piece | null {
  const next = text[at + 1];
  if (next === undefined) return null;
  if (next === '\n') return { chars: [], end: at + 2 };
  return { chars: [{ char: next, start: at, end: at + 2 }], end: at + 2 };
}

/** Within double quotes only these are protected; before others the backslash stays. */
function escapedInQuotes(text: string, at: number): Piece | null {
  return /[$`"\\\n]/.test(text[at + 1] ?? '') ? escaped(text, at) : { chars: [one('\\', at)], end: at + 1 };
}

function plainOrExpansion(text: string, at: number): Piece | null {
  const end = endOfExpansion(text, at);
  if (end === null) return null;
  if (end === at) return { chars: [one(text[at] as string, at)], end: at + 1 };
  return { chars: [{ char: OPAQUE, start: at, end }], end };
}

/** The end of what begins with `$` or a backtick; `at` itself where nothing does; null without an end. */
function endOfExpansion(text: string, at: number): number | null {
  if (text[at] === '`') return closing(text, at + 1, '`');
  if (text[at] !== '$') return at;
  if (text[at + 1] === '(') return balanced(text, at + 1, '(', ')');
  if (text[at + 1] === '{') return balanced(text, at + 1, '{', '}');
  const name = /^\$(?:[A-Za-z_]\w*|[0-9@*#?$!-])/.exec(text.slice(at, at + 200));
  return name === null ? at : at + name[0].length;
}

function closing(text: string, from: number, mark: string): number | null {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === mark) return at + 1;
  }
  return null;
}

/** Brackets within quotes do not count. */
function balanced(text: string, from: number, open: string, close: string): number | null {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') at++;
    else if (char === "'" || char === '"') {
      const end = char === "'" ? text.indexOf("'", at + 1) + 1 : closing(text, at + 1, '"');
      if (end === null || end === 0) return null;
      at = end - 1;
    } else if (char === open) depth++;
    else if (char === close && --depth === 0) return at + 1;
  }
  return null;
}

function one(char: string, at: number): Char {
  return { char, start: at, end: at + 1 };
}
