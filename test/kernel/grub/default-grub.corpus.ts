// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the shell's, not ours
/** Files as people have them, and as nobody should. `shell` is what can read them; the rest any POSIX shell. */
export interface Sample {
  readonly name: string;
  readonly text: string;
  readonly shell?: 'bash';
}

const line = (value: string): string => `GRUB_DEFAULT=0\nGRUB_TIMEOUT=5\n${value}\nGRUB_TERMINAL=console\n`;

export const CORPUS: readonly Sample[] = [
  {
    name: 'Ubuntu',
    text: [
      '# If you change this file, run update-grub afterwards to update',
      '# /boot/grub/grub.cfg.',
      'GRUB_DEFAULT=0',
      'GRUB_TIMEOUT_STYLE=hidden',
      'GRUB_TIMEOUT=0',
      'GRUB_DISTRIBUTOR=`( . /etc/os-release; echo ${NAME:-Ubuntu} ) 2>/dev/null || echo Ubuntu`',
      'GRUB_CMDLINE_LINUX_DEFAULT="quiet splash"',
      'GRUB_CMDLINE_LINUX=""',
      '',
      '# Uncomment to disable graphical terminal',
      '#GRUB_TERMINAL=console',
      '',
    ].join('\n'),
  },
  {
    name: 'Debian cloud: the console is in it',
    text: line('GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200"'),
  },
  { name: 'single quotes', text: line("GRUB_CMDLINE_LINUX='quiet swapaccount=0 splash'") },
  { name: 'no quotes', text: line('GRUB_CMDLINE_LINUX=swapaccount=0') },
  { name: 'nothing behind the equals sign', text: line('GRUB_CMDLINE_LINUX=') },
  { name: 'no quotes and a comment behind', text: line('GRUB_CMDLINE_LINUX=quiet # swapaccount=0') },
  { name: 'a comment behind', text: line('GRUB_CMDLINE_LINUX="a swapaccount=0 b" # keep "this"') },
  { name: 'a value quoted in pieces', text: line(`GRUB_CMDLINE_LINUX="a "'b 'c" swapaccount=0"`) },
  { name: 'a backslash protects a space', text: line('GRUB_CMDLINE_LINUX=a\\ b') },
  {
    name: 'quotes within quotes',
    text: line('GRUB_CMDLINE_LINUX="dyndbg=\\"file a.c +p; swapaccount=0 \\" quiet"'),
  },
  { name: 'a continued line', text: line('GRUB_CMDLINE_LINUX="quiet \\\n  swapaccount=0 \\\n  splash"') },
  { name: 'a continued line outside quotes', text: line('GRUB_CMDLINE_LINUX=\\\n"quiet"') },
  { name: 'a newline within quotes', text: line('GRUB_CMDLINE_LINUX="quiet\nswapaccount=0\nsplash"') },
  { name: '+=', shell: 'bash', text: line('GRUB_CMDLINE_LINUX="a"\nGRUB_CMDLINE_LINUX+=" swapaccount=0"') },
  {
    name: 'appended by a variable',
    text: line('GRUB_CMDLINE_LINUX="a"\nGRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX b"'),
  },
  {
    name: 'a variable of its own',
    text: line('SERIAL="console=ttyS0 swapaccount=0"\nGRUB_CMDLINE_LINUX="${SERIAL} quiet"'),
  },
  { name: 'a default for a variable', text: line('GRUB_CMDLINE_LINUX="${EXTRA:-swap account=0} quiet"') },
  { name: 'a command', text: line('GRUB_CMDLINE_LINUX="console=$(printf \'tty%s\' "0") quiet"') },
  { name: 'set twice', text: line('GRUB_CMDLINE_LINUX="swapaccount=0"\nGRUB_CMDLINE_LINUX="quiet"') },
  { name: 'the option twice', text: line('GRUB_CMDLINE_LINUX="swapaccount=0 swapaccount=0"') },
  {
    name: 'the option three times with others',
    text: line('GRUB_CMDLINE_LINUX="swapaccount=0 a swapaccount=0  swapaccount=0"'),
  },
  { name: 'already there', text: line('GRUB_CMDLINE_LINUX="swapaccount=1 quiet"') },
  {
    name: 'keys that only begin alike',
    text: line('GRUB_CMDLINE_LINUX="mem=4G memmap=1G swapaccount=00 cgroup_disable=memory_x"'),
  },
  {
    name: 'one key twice with two values',
    text: line('GRUB_CMDLINE_LINUX="cgroup_enable=cpuset cgroup_enable=memory cgroup_disable=memory"'),
  },
  {
    name: 'in the other variable',
    text: line('GRUB_CMDLINE_LINUX_DEFAULT="quiet swapaccount=0"\nGRUB_CMDLINE_LINUX=""'),
  },
  {
    name: 'in a variable that only looks like it',
    text: line('GRUB_CMDLINE_LINUX_RECOVERY="swapaccount=0"\nMY_GRUB_CMDLINE_LINUX="x"'),
  },
  { name: 'exported', text: line('export GRUB_CMDLINE_LINUX="swapaccount=0 a"') },
  { name: 'two on a line', text: line('GRUB_TIMEOUT=1 GRUB_CMDLINE_LINUX="a b"; GRUB_HIDDEN=2') },
  {
    name: 'for one command only',
    text: line('GRUB_CMDLINE_LINUX="real"\nGRUB_CMDLINE_LINUX="not this" true'),
  },
  { name: 'in an if that holds', text: line('if true; then\n  GRUB_CMDLINE_LINUX="swapaccount=0 x"\nfi') },
  {
    name: 'in an if that does not',
    text: line('GRUB_CMDLINE_LINUX="a"\nif false; then GRUB_CMDLINE_LINUX="b"; fi'),
  },
  { name: 'behind &&', text: line('GRUB_CMDLINE_LINUX="a"\nfalse && GRUB_CMDLINE_LINUX="b" || true') },
  {
    name: 'in a case',
    text: line('case x in\n  y) GRUB_CMDLINE_LINUX=y ;;\n  *) GRUB_CMDLINE_LINUX="swapaccount=0" ;;\nesac'),
  },
  { name: 'in a subshell', text: line('GRUB_CMDLINE_LINUX="a"\n( GRUB_CMDLINE_LINUX="b" )') },
  {
    name: 'in a function never called',
    text: line('GRUB_CMDLINE_LINUX="a"\nset_it() {\n  GRUB_CMDLINE_LINUX="b"\n}'),
  },
  {
    name: 'in a here document',
    text: line('GRUB_CMDLINE_LINUX="a"\ncat >/dev/null <<END\nGRUB_CMDLINE_LINUX="it\'s"\nEND'),
  },
  { name: 'not there at all', text: 'GRUB_DEFAULT=0\n' },
  { name: 'an empty file', text: '' },
  { name: 'no newline at the end', text: 'GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX="quiet"' },
  { name: 'no newline at the end, not there', text: 'GRUB_DEFAULT=0' },
  {
    name: 'carriage returns',
    text: 'GRUB_DEFAULT=0\r\nGRUB_CMDLINE_LINUX="quiet swapaccount=0"\r\nGRUB_TIMEOUT=1\r\n',
  },
  { name: 'carriage returns, no quotes', text: 'GRUB_CMDLINE_LINUX=quiet\r\nGRUB_TIMEOUT=1\r\n' },
  { name: 'carriage returns, not there', text: 'GRUB_TIMEOUT=1\r\n' },
  { name: 'tabs and many spaces', text: line('GRUB_CMDLINE_LINUX="  quiet\t swapaccount=0\t\tsplash  "') },
  { name: 'arguments for init', text: line('GRUB_CMDLINE_LINUX="quiet -- --debug swapaccount=1"') },
  { name: 'not UTF-8', text: line('# gr\xfcn \xe0\xa0\nGRUB_CMDLINE_LINUX="splash=\xe0\xa0 swapaccount=0"') },
  {
    name: 'a drop-in of a cloud image',
    text: '# Cloud Image specific Grub settings for Generic Cloud Images\nGRUB_RECORDFAIL_TIMEOUT=0\nGRUB_CMDLINE_LINUX_DEFAULT="console=tty1 console=ttyS0"\n',
  },
];
