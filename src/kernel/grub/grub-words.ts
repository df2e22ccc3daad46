/** A command of GRUB's, as grub-core/script/yylex.l takes it to pieces. */
export interface GrubCommand {
  /** Each as it stands in the line, quotes and all. */
  readonly words: readonly string[];
  /** What stands behind the last word: a comment, or what the next command is. */
  readonly rest: string;
}

/** Quoted pieces and escaped characters are of the word; variables are too, whatever they stand for. */
const WORD = /^(?:\$\{\w+\}|[^{}|&;<>\s'"\\]|'[^']*'|"(?:\\.|[^"\\])*"|\\.)+/s;

/**
 * The first command of a line. It ends with the line, at `;`, `&` or `|`, and at a word that begins with `#`; at whatever else is no
 * word too, such as a quote that has no end: what stands there GRUB does not read as a part of it.
 */
export function grubCommand(line: string): GrubCommand {
  const found: string[] = [];
  let at = 0;
  for (;;) {
    const gap = /^\s*/.exec(line.slice(at))?.[0].length ?? 0;
    const word = WORD.exec(line.slice(at + gap))?.[0];
    if (word === undefined || word.startsWith('#')) return { words: found, rest: line.slice(at).trimEnd() };
    found.push(word);
    at += gap + word.length;
  }
}

/** The same word without its quotes, as the command gets it. */
export function unquoted(word: string): string {
  return word.replace(
    /'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/gs,
    (_, single?: string, double?: string, escaped?: string) =>
      single ?? double?.replace(/\\([$\\"])/g, '$1') ?? (escaped === '\n' ? '' : escaped) ?? '',
  );
}

/** The same word as the kernel gets it: GRUB quotes one that has a space in it once more. */
export function forKernel(word: string): string {
  if (!/['\\]/.test(word)) return word;
  const text = unquoted(word);
  return /[ \t]/.test(text) ? `"${text}"` : text;
}
