/** gclab's own file among GRUB's settings. Behind every other: files are read in the order of their names. */
export const DROP_IN = '/etc/default/grub.d/zzz-gclab.cfg';

/**
 * Adds words to GRUB_CMDLINE_LINUX, which reaches every entry, and takes others out of both variables, wherever
 * they were set. Shell, as grub-mkconfig reads it: under `set -e`, by any POSIX sh.
 */
export function dropIn(add: readonly string[], drop: readonly string[]): string {
  return [
    '# Written by gclab (`gclab remote prepare`); `gclab remote revert` takes it away again.',
    ...drop.flatMap((word) =>
      ['GRUB_CMDLINE_LINUX', 'GRUB_CMDLINE_LINUX_DEFAULT'].map((name) => without(name, word)),
    ),
    ...(add.length === 0
      ? []
      : [`GRUB_CMDLINE_LINUX=${doubleQuoted(`$GRUB_CMDLINE_LINUX ${add.join(' ')}`)}`]),
    '',
  ].join('\n');
}

/** Between spaces, so that no longer word is hit; the spaces added for that go again. */
function without(name: string, word: string): string {
  const quoted = singleQuoted(` ${word} `);
  return [
    `${name}=" $${name} "`,
    `while case $${name} in *${quoted}*) true ;; *) false ;; esac; do`,
    `  ${name}="\${${name}%%${quoted}*} \${${name}#*${quoted}}"`,
    'done',
    `${name}=\${${name}# }`,
    `${name}=\${${name}% }`,
  ].join('\n');
}

function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** `$GRUB_CMDLINE_LINUX` in it stays an expansion; nothing else does. */
function doubleQuoted(text: string): string {
  return `"${text.replace(/[\\"`]|\$(?!GRUB_CMDLINE_LINUX )/g, '\\$&')}"`;
}
