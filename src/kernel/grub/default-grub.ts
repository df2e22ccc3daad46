import { parameter, sameParameter } from '../command-line.js';
import { type Assignment, assignments } from './shell-assignments.js';
import { type Char, OPAQUE } from './shell-value.js';

/** What GRUB_CMDLINE_LINUX and its like should lose and get. Words are written as on the kernel command line. */
export interface TokenEdit {
  readonly add: readonly string[];
  readonly drop: readonly string[];
}

const CMDLINE = 'GRUB_CMDLINE_LINUX';
/** White space to the kernel. */
const GAP = /[ \t\n\v\f\r]/;
const CMDLINES = [CMDLINE, `${CMDLINE}_DEFAULT`];

/**
 * A GRUB settings file with exactly these words changed: dropped from every variable that reaches the command
 * line, added to GRUB_CMDLINE_LINUX unless they are there. Every other byte stays. Null where the file cannot be
 * read without running it. Text is one character per byte (latin1).
 */
export function editDefaultGrub(text: string, { add, drop }: TokenEdit): string | null {
  const without = dropWords(text, drop);
  return without === null ? null : addWords(without, add);
}

/** The words of the file that reach the kernel command line, as far as they stand there literally. */
export function literalWords(text: string): readonly string[] | null {
  const all = assignments(text);
  if (all === null) return null;
  const names = reaching(text, all);
  return all.filter(({ name }) => names.has(name)).flatMap((one) => wordsOf(one).map(textOf));
}

function dropWords(text: string, drop: readonly string[]): string | null {
  const all = assignments(text);
  if (all === null) return null;
  const names = reaching(text, all);
  const cuts = all.filter(({ name }) => names.has(name)).flatMap((one) => cutsOf(one, drop));
  // Two words next to each other share the gap between them.
  return [...new Set(cuts)]
    .sort((a, b) => b.start - a.start)
    .reduce((rest, { start, end }) => rest.slice(0, start) + rest.slice(end), text);
}

/** The variables themselves, and those whose value they take in (`GRUB_CMDLINE_LINUX="$SERIAL quiet"`). */
function reaching(text: string, all: readonly Assignment[]): ReadonlySet<string> {
  const names = new Set(CMDLINES);
  for (const name of names) {
    for (const one of all.filter((other) => other.name === name)) {
      const source = text.slice(one.value.start, one.value.end);
      for (const used of source.matchAll(/\$\{?([A-Za-z_]\w*)/g)) names.add(used[1] as string);
    }
  }
  return names;
}

/** Each unwanted word, with the white space before it, or behind it where it is the first. */
function cutsOf(assignment: Assignment, drop: readonly string[]): readonly Char[] {
  const { chars } = assignment.value;
  return wordsOf(assignment)
    .filter((word) => drop.some((unwanted) => sameParameter(textOf(word), unwanted)))
    .flatMap((word) => {
      const first = chars.indexOf(word[0] as Char);
      const before = chars[first - 1];
      const behind = chars[first + word.length];
      return [...word, ...[before ?? behind].filter((gap) => gap !== undefined)];
    });
}

/** As the kernel parts them: at white space outside double quotes. Words with an expansion in them are left out. */
function wordsOf({ value }: Assignment): readonly (readonly Char[])[] {
  const words: Char[][] = [[]];
  let quoted = false;
  for (const one of value.chars) {
    if (one.char === '"') quoted = !quoted;
    if (!quoted && GAP.test(one.char)) words.push([]);
    else words.at(-1)?.push(one);
  }
  return words.filter((word) => word.length > 0 && word.every(({ char }) => char !== OPAQUE));
}

function textOf(word: readonly Char[]): string {
  return word.map(({ char }) => char).join('');
}

function addWords(text: string, add: readonly string[]): string {
  const last = (assignments(text) ?? []).findLast(({ name }) => name === CMDLINE);
  const present = last === undefined || last.conditional ? [] : wordsOf(last).map(textOf);
  const missing = add.filter((word) => !present.some((other) => sameParameter(other, word)));
  if (missing.length === 0) return text;
  if (last === undefined || last.conditional) return addLine(text, missing, last === undefined);
  return addToValue(text, last, missing.join(' '));
}

/** A last assignment that may not come to pass is no place to write to: a line of its own at the end is. */
function addLine(text: string, add: readonly string[], isFirst: boolean): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const before = text === '' || text.endsWith('\n') ? text : text + newline;
  const value = isFirst ? add.join(' ') : `$${CMDLINE} ${add.join(' ')}`;
  // In a file with carriage returns the comment takes in the one that would end up in the value.
  return `${before}${CMDLINE}="${value}"${newline === '\r\n' ? ' #' : ''}${newline}`;
}

function addToValue(text: string, { value, appends }: Assignment, words: string): string {
  const init = beforeInitArguments(value.chars);
  if (init !== null) return insert(text, init, `${words} `);
  const added = appends || needsGap(value.chars) ? ` ${words}` : words;
  if (value.closingQuote !== null) return insert(text, value.closingQuote, added);
  const bare = text.slice(value.start, value.end).replace(/\r+$/, '');
  const end = value.start + bare.length;
  // A value without quotes gets them; one that is not plain gets a quoted piece at its end.
  const isPlain = /^[\w./:=,@%+-]*$/.test(bare);
  return isPlain
    ? `${text.slice(0, value.start)}"${bare}${added}"${text.slice(end)}`
    : insert(text, end, `"${added}"`);
}

/** What stands behind `--` is init's: the kernel would not read a word added there. */
function beforeInitArguments(chars: readonly Char[]): number | null {
  const at = chars.findIndex(
    ({ char }, index) =>
      char === '-' &&
      chars[index + 1]?.char === '-' &&
      isGap(chars[index - 1]?.char) &&
      isGap(chars[index + 2]?.char),
  );
  return chars[at]?.start ?? null;
}

function isGap(char: string | undefined): boolean {
  return char === undefined || GAP.test(char);
}

function needsGap(chars: readonly Char[]): boolean {
  const last = chars.findLast(({ char }) => char !== '\r');
  return last !== undefined && !isGap(last.char);
}

function insert(text: string, at: number, what: string): string {
  return text.slice(0, at) + what + text.slice(at);
}

/** Words that undo an option, wherever they stand: found by meaning, given back as written. */
export function contradicts(word: string, option: string): boolean {
  const { name, value } = parameter(word);
  if (option === 'swapaccount=1') return name === 'swapaccount' && value === '0';
  return (
    option === 'cgroup_enable=memory' &&
    name === 'cgroup_disable' &&
    (value ?? '').split(',').includes('memory')
  );
}
