import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { sameParameter, words } from '../../../src/kernel/command-line.js';
import { contradicts, editDefaultGrub, literalWords } from '../../../src/kernel/grub/default-grub.js';
import { CORPUS, type Sample } from './default-grub.corpus.js';

const EDIT = { add: ['swapaccount=1'], drop: ['swapaccount=0', 'cgroup_disable=memory'] };
const folder = mkdtempSync(join(tmpdir(), 'gclab-grub-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Variables = Readonly<Record<string, string>>;

/** What the shell itself makes of the file: every variable that begins with GRUB_ or SERIAL, as bytes. */
function sourced(text: string, shell: string): Variables {
  const path = join(folder, 'grub');
  writeFileSync(path, Buffer.from(text, 'latin1'));
  const script = `. "$0"; set -- $(set | sed -n 's/^\\([A-Z_]*GRUB[A-Z_]*\\)=.*/\\1/p'); for name; do
    eval "printf '%s=%s\\0' \\"$name\\" \\"\\$$name\\""; done`;
  const out = execFileSync(shell, ['-c', script, path], {
    encoding: 'latin1',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
  });
  return Object.fromEntries(
    out
      .split('\0')
      .slice(0, -1)
      .map((entry) => entry.split(/=([\s\S]*)/).slice(0, 2)),
  );
}

function shellsFor({ shell }: Sample): readonly string[] {
  return shell === 'bash' ? ['bash'] : ['dash', 'bash'];
}

const cases = CORPUS.flatMap((sample) =>
  shellsFor(sample).map((shell) => [sample.name, shell, sample] as const),
);

describe('an edited file, as the shell reads it', () => {
  test.each(cases)('%s (%s)', (_, shell, { text }) => {
    const edited = editDefaultGrub(text, EDIT) as string;
    const [before, after] = [sourced(text, shell), sourced(edited, shell)];
    const { GRUB_CMDLINE_LINUX: line = '', GRUB_CMDLINE_LINUX_DEFAULT: normal, ...others } = after;
    const { GRUB_CMDLINE_LINUX: was = '', GRUB_CMDLINE_LINUX_DEFAULT: normalWas, ...othersWere } = before;
    const kept = (text: string) =>
      words(text).filter((word) => !EDIT.drop.some((one) => sameParameter(one, word)));
    expect(others).toEqual(othersWere);
    expect(kept(normal ?? '')).toEqual(words(normal ?? ''));
    expect(words(normal ?? '')).toEqual(kept(normalWas ?? ''));
    expect(words(line).filter((word) => word !== 'swapaccount=1')).toEqual(
      kept(was).filter((word) => word !== 'swapaccount=1'),
    );
    expect(words(line)).toContain('swapaccount=1');
  });

  test.each(CORPUS.map((sample) => [sample.name, sample] as const))('%s: twice is once', (_, { text }) => {
    const once = editDefaultGrub(text, EDIT) as string;
    expect(editDefaultGrub(once, EDIT)).toBe(once);
  });

  test.each(CORPUS.map((sample) => [sample.name, sample] as const))(
    '%s: nothing asked, nothing changed',
    (_, { text }) => {
      expect(editDefaultGrub(text, { add: [], drop: [] })).toBe(text);
    },
  );
});

describe('the edit itself', () => {
  const edited = (text: string) => editDefaultGrub(text, EDIT);

  test('touches nothing but the words', () => {
    expect(edited(`A='it'\nGRUB_CMDLINE_LINUX="a swapaccount=0 b" # "c"\n`)).toBe(
      `A='it'\nGRUB_CMDLINE_LINUX="a b swapaccount=1" # "c"\n`,
    );
    expect(edited('GRUB_CMDLINE_LINUX=""\n')).toBe('GRUB_CMDLINE_LINUX="swapaccount=1"\n');
    expect(edited('GRUB_CMDLINE_LINUX=a\r\n')).toBe('GRUB_CMDLINE_LINUX="a swapaccount=1"\r\n');
  });

  test('puts the option before what is for init', () => {
    expect(edited('GRUB_CMDLINE_LINUX="a -- b"')).toBe('GRUB_CMDLINE_LINUX="a swapaccount=1 -- b"');
  });

  test('refuses a file whose quotes never end', () => {
    expect(edited('GRUB_CMDLINE_LINUX="a\n')).toBeNull();
    expect(edited('A=$(echo\n')).toBeNull();
  });

  // The name ends at its brace: what an expansion that comes out empty is glued to is not known without running it.
  const value = fc.array(
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
    fc.constantFrom('a', 'swapaccount=0', 'mem=1', '\\"x y\\"', '${V}', "'", ' ', '\\\n', '`pwd`', 'c=\\$'),
  );
  test('agrees with the shell on values put together at random', () => {
    fc.assert(
      fc.property(value, fc.constantFrom('"', ''), (pieces, quote) => {
        const body = quote === '' ? pieces.join('').replace(/[ ']/g, '') : pieces.join('');
        const text = `V=v\nGRUB_CMDLINE_LINUX=${quote}${body}${quote}\n`;
        const was = words(sourced(text, 'dash')['GRUB_CMDLINE_LINUX'] ?? '');
        const is = words(sourced(edited(text) as string, 'dash')['GRUB_CMDLINE_LINUX'] ?? '');
        expect(is).toEqual([...was.filter((word) => word !== 'swapaccount=0'), 'swapaccount=1']);
      }),
      { numRuns: 100 },
    );
  });
});

test('literal words are those that stand in the file', () => {
  expect(literalWords('S="c d"\nX="no"\nGRUB_CMDLINE_LINUX="a$S b $S"\n')).toEqual(['c', 'd', 'b']);
});

test('what undoes an option is found by meaning', () => {
  expect(contradicts('cgroup-disable=cpu,memory', 'cgroup_enable=memory')).toBe(true);
  expect(contradicts('swapaccount=0', 'swapaccount=1')).toBe(true);
  expect(contradicts('swapaccount=1', 'swapaccount=1')).toBe(false);
});
