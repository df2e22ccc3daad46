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
    expect(sourced(before, text, shell)).toEqual([['a', 'swapaccount=1'], ['quiet']]);
  });

  test('leaves longer words and what is quoted alone', () => {
    const before = `GRUB_CMDLINE_LINUX='swapaccount=00 xswapaccount=0 d="* b  c"'`;
    const [line] = sourced(before, dropIn(['swapaccount=1'], ['swapaccount=0']), shell);
    expect(line).toEqual(['swapaccount=00', 'xswapaccount=0', 'd="* b  c"', 'swapaccount=1']);
  });

  test('works on variables that are not set', () => {
    expect(sourced('', dropIn(['a=1'], ['b']), shell)).toEqual([['a=1'], []]);
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
    const word = `a=$(echo x)\`echo y\`"'\\`;
    expect(sourced(`GRUB_CMDLINE_LINUX=`, dropIn([word], [word]), shell)[0]?.join(' ')).toBe(word);
  });
});

test('a later plan reads back what was added, and not what was taken out', () => {
  expect(literalWords(dropIn(['swapaccount=1', 'b=2'], ['swapaccount=0']))).toEqual(['swapaccount=1', 'b=2']);
});
