import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { words } from '../../../src/kernel/command-line.js';
import { literalWords } from '../../../src/kernel/grub/default-grub.js';
import { dropIn } from '../../../src/kernel/grub/drop-in.js';

function sourced(before: string, text: string, shell: string): readonly (readonly string[])[] {
  const script = `set -e\n${before}\n${text}\nprintf '%s\\n%s' "$GRUB_CMDLINE_LINUX" "$GRUB_CMDLINE_LINUX_DEFAULT"`;
  const out = execFileSync(shell, ['-c', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return out.split('\n').map(words);
}

describe.each(['dash', 'bash'])('a drop-in, sourced by %s under set -e', (shell) => {
  test('adds, and takes out every word that contradicts, from both variables', () => {
    const before = `GRUB_CMDLINE_LINUX="swapaccount=0 swapaccount=0 a"\nGRUB_CMDLINE_LINUX_DEFAULT="quiet  swapaccount=0"`;
    const text = dropIn(['swapaccount=1'], ['swapaccount=0']);
    expect(sourced(before, text, shell)).toEqual([['swapaccount=1', 'a'], ['quiet']]);
  });

  test('leaves longer words and what is quoted alone', () => {
    const before = `GRUB_CMDLINE_LINUX='swapaccount=00 xswapaccount=0 d="* b  c"'`;
    const [line] = sourced(before, dropIn(['swapaccount=1'], ['swapaccount=0']), shell);
    expect(line).toEqual(['swapaccount=1', 'swapaccount=00', 'xswapaccount=0', 'd="* b  c"']);
  });

  test('works on variables that are not set', () => {
    expect(sourced('', dropIn(['a=1'], ['b']), shell)).toEqual([['a=1'], []]);
  });

  test.each([
    ['a tab and a line break', 'a\tswapaccount=0\nb\n', 'a\nb\n'],
    ['every place at once', 'swapaccount=0 swapaccount=0 a  swapaccount=0', ' a'],
    [
      'only outside double quotes',
      'dyndbg="file a.c +p swapaccount=0 x" swapaccount=0',
      'dyndbg="file a.c +p swapaccount=0 x"',
    ],
    ['only outside single quotes', `x='b swapaccount=0 c' swapaccount=0 d`, `x='b swapaccount=0 c' d`],
    ['a word that is quoted itself', 'a "swapaccount=0" b', 'a b'],
    ['behind a quote that is escaped', 'a=\\" swapaccount=0 b', 'a=\\" b'],
    ['before and behind `--`', 'console=ttyS0 swapaccount=0 -- --debug', 'console=ttyS0 -- --debug'],
    ['with a quote that never ends', 'a swapaccount=0 "b swapaccount=0', 'a "b swapaccount=0'],
    ['beside bytes of any kind', 'é* swapaccount=0 [a] $x \\', 'é* [a] $x \\'],
  ])('takes out %s', (_, value, rest) => {
    const script = `set -e\nGRUB_CMDLINE_LINUX=$1\n${dropIn([], ['swapaccount=0'])}\nprintf '%s.' "$GRUB_CMDLINE_LINUX"`;
    expect(execFileSync(shell, ['-c', script, 'sh', value], { encoding: 'utf8' })).toBe(`${rest}.`);
  });

  test.each(['a -- --debug', 'a\n', 'a\t', 'ds=nocloud;s=http://seed.example/', "x='never ends"])(
    'adds where the kernel reads it before %j',
    (value) => {
      const script = `set -e\nGRUB_CMDLINE_LINUX=$1\n${dropIn(['swapaccount=1'], [])}\nprintf '%s.' "$GRUB_CMDLINE_LINUX"`;
      expect(execFileSync(shell, ['-c', script, 'sh', value], { encoding: 'utf8' })).toBe(
        `swapaccount=1 ${value}.`,
      );
    },
  );

  test('leaves nothing of its own behind', () => {
    const script = `set -e\n${dropIn(['a=1'], ['b'])}\nset\ntype gclab_without gclab_end_word 2>&1 || true`;
    expect(execFileSync(shell, ['-c', script], { encoding: 'utf8' })).not.toMatch(
      /^gclab_\w+( is a function|=)/m,
    );
  });

  test('can only take out', () => {
    expect(
      sourced(
        'GRUB_CMDLINE_LINUX="cgroup_disable=memory x"',
        dropIn([], ['cgroup_disable=memory']),
        shell,
      )[0],
    ).toEqual(['x']);
  });

  test('runs nothing that a word holds', () => {
    const word = `a=$(echo x)\`echo y\`"'\\"`;
    expect(sourced(`GRUB_CMDLINE_LINUX=`, dropIn([word], [word]), shell)[0]?.join(' ')).toBe(word);
  });
});

test('a later plan reads back what was added, and not what was taken out', () => {
  expect(literalWords(dropIn(['swapaccount=1', 'b=2'], ['swapaccount=0']))).toEqual(['swapaccount=1', 'b=2']);
});
