/**
 * The one place where text becomes shell text. What a guest's login shell makes of a command line differs:
 * fish unescapes `\\` inside single quotes, csh expands `!` there and cannot carry a newline, tcsh reads bytes
 * by its locale. So an argv of printable ASCII without `\` and `!` is quoted for POSIX, which all of them read
 * alike; any other is written as octal escapes for `printf %b`, which a POSIX `sh` on the guest undoes.
 */
const PLAIN = /^[A-Za-z0-9_./-]+$/;
const READ_ALIKE_BY_ALL = /^[\t\x20-\x7e]*$/;

/** `it's` → `'it'\''s'`; words that no shell touches stay bare. */
export function quote(word: string): string {
  return PLAIN.test(word) ? word : quoted(word);
}

/**
 * The command line that runs `argv` unchanged under bash, dash, fish, csh and tcsh.
 * Throws a RangeError for an empty argv, and for a NUL or a lone surrogate, which no argument can hold.
 */
export function commandLine(argv: readonly string[]): string {
  const [program, ...rest] = argv;
  if (program === undefined) throw new RangeError('an empty argv runs nothing');
  const fault = argv.findIndex((word) => /[\0\p{Surrogate}]/u.test(word));
  if (fault !== -1) throw new RangeError(`argument ${fault} holds a NUL or a lone surrogate`);
  // Quoted even where it is plain: csh expands an alias (`rm` as `rm -i`) of an unquoted first word.
  const line = [quoted(program), ...rest.map(quote)].join(' ');
  const readAlike = argv.every((word) => READ_ALIKE_BY_ALL.test(word) && !/[!\\]/.test(word));
  return readAlike ? line : `'sh' -c 'eval "$(printf %b "$0")"' '${octal(line)}'`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function octal(text: string): string {
  const bytes = Buffer.from(text).toString('latin1');
  return bytes.replace(
    /[^A-Za-z0-9_./ -]/g,
    (byte) => `\\0${byte.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
}
