/** gclab's own file among GRUB's settings. Behind every other: files are read in the order of their names. */
export const DROP_IN = '/etc/default/grub.d/zzz-gclab.cfg';

const NAMES = ['GRUB_CMDLINE_LINUX', 'GRUB_CMDLINE_LINUX_DEFAULT'];

/**
 * Adds words to GRUB_CMDLINE_LINUX, which reaches every entry, and takes others out of both variables, wherever
 * they were set. Shell, as grub-mkconfig reads it: under `set -e`, by any POSIX sh.
 *
 * The words come first: behind them a line break, a `;` or a `--` may end what the kernel reads.
 */
export function dropIn(add: readonly string[], drop: readonly string[]): string {
  return [
    '# Written by gclab (`gclab remote prepare`); `gclab remote revert` takes it away again.',
    ...(drop.length === 0 ? [] : [WITHOUT, ...NAMES.map((name) => without(name, drop)), FORGET]),
    ...(add.length === 0
      ? []
      : [`GRUB_CMDLINE_LINUX=${doubleQuoted(`${add.join(' ')} $GRUB_CMDLINE_LINUX`)}`]),
    '',
  ].join('\n');
}

/**
 * A value without the words named, character by character, since only so is it known what is quoted. Words end as they do for
 * GRUB (grub-core/script/yylex.l): at white space outside quotes. A word goes with the white space before it.
 */
const WITHOUT = `gclab_without() {
  gclab_rest=$1 gclab_kept= gclab_gap= gclab_word= gclab_bare= gclab_in=
  shift
  while [ -n "$gclab_rest" ]; do
    gclab_char=\${gclab_rest%"\${gclab_rest#?}"}
    gclab_rest=\${gclab_rest#?}
    case $gclab_in$gclab_char in
      [[:space:]])
        gclab_end_word "$@"
        gclab_gap=$gclab_gap$gclab_char
        continue ;;
      \\\\ | d\\\\) gclab_in=\${gclab_in}e ;;
      e? | de?) gclab_in=\${gclab_in%e} gclab_bare=$gclab_bare$gclab_char ;;
      \\') gclab_in=s ;;
      \\") gclab_in=d ;;
      s\\' | d\\") gclab_in= ;;
      *) gclab_bare=$gclab_bare$gclab_char ;;
    esac
    gclab_word=$gclab_word$gclab_char
  done
  gclab_end_word "$@"
  gclab_kept=$gclab_kept$gclab_gap
}
gclab_end_word() {
  if [ -z "$gclab_word" ]; then return; fi
  for gclab_unwanted do
    case $gclab_unwanted in "$gclab_word" | "$gclab_bare") gclab_gap= gclab_word= ;; esac
  done
  if [ -n "$gclab_word" ]; then gclab_kept=$gclab_kept$gclab_gap$gclab_word gclab_gap=; fi
  gclab_word= gclab_bare=
}`;

const FORGET = `unset -f gclab_without gclab_end_word
unset -v gclab_rest gclab_kept gclab_gap gclab_word gclab_bare gclab_in gclab_char gclab_unwanted`;

function without(name: string, drop: readonly string[]): string {
  return `gclab_without "$${name}" ${drop.map(singleQuoted).join(' ')}
${name}=$gclab_kept`;
}

function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** `$GRUB_CMDLINE_LINUX` at the end of it stays an expansion; nothing else does. */
function doubleQuoted(text: string): string {
  return `"${text.replace(/[\\"`]|\$(?!GRUB_CMDLINE_LINUX$)/g, '\\$&')}"`;
}
