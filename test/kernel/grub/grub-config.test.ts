import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bootEntry, parseGrubConfig, parseGrubEnvironment } from '../../../src/kernel/grub/grub-config.js';

const bookworm = readFileSync(new URL('../../fixtures/kernel/grub.cfg.bookworm', import.meta.url), 'utf8');
const NONE = new Map<string, string>();
const titleOf = (text: string, environment: ReadonlyMap<string, string> = NONE) =>
  bootEntry(parseGrubConfig(text), environment)?.title;
const withDefault = (value: string) => bookworm.replace('set default="0"', `set default="${value}"`);

describe('the entry that boots next', () => {
  test('of a recorded grub.cfg is the first, with the words of its linux line', () => {
    const entry = bootEntry(parseGrubConfig(bookworm), NONE);
    expect(entry).toMatchObject({ title: 'Debian GNU/Linux' });
    expect(entry?.words?.slice(1)).toEqual(['ro', 'console=tty0', 'console=ttyS0', 'quiet']);
  });

  test.each([
    ['1>1', 'Debian GNU/Linux, with Linux 6.1.0-50-cloud-amd64 (recovery mode)'],
    ['1', 'Debian GNU/Linux, with Linux 6.1.0-50-cloud-amd64'],
    ['Advanced options for Debian GNU/Linux>0', 'Debian GNU/Linux, with Linux 6.1.0-50-cloud-amd64'],
    ['gone', 'Debian GNU/Linux'],
    ['99', 'Debian GNU/Linux'],
  ])('by default %s is %s', (value, title) => {
    expect(titleOf(withDefault(value))).toBe(title);
  });

  test('by id, below a submenu', () => {
    const ids = [...bookworm.matchAll(/'(gnulinux-\S+)' \{/g)].map((match) => match[1]);
    const [, advanced, , recovery] = ids;
    expect(titleOf(withDefault(`${advanced}>${recovery}`))).toContain('recovery mode');
  });

  test('by what grubenv has saved', () => {
    const text = withDefault('$' + '{saved_entry}');
    expect(titleOf(text, new Map([['saved_entry', '1>1']]))).toContain('recovery mode');
    expect(titleOf(text)).toBe('Debian GNU/Linux');
  });

  test('is unknown where there is none', () => {
    expect(bootEntry(parseGrubConfig(''), NONE)).toBeNull();
    expect(bootEntry(parseGrubConfig("menuentry 'x' {\n  chainloader /x\n}\n"), NONE)).toBeNull();
  });
});

test('titles with quotes, linuxefi and braces of their own are read', () => {
  const text = `menuentry 'It'\\''s "one"' --id a {\n\tif true; then\n\t\tlinuxefi /vm root=x  b="c d"\n\tfi\n}\nmenuentry "two" { }\n`;
  expect(bootEntry(parseGrubConfig(text), NONE)).toMatchObject({
    title: 'It\'s "one"',
    id: 'a',
    words: ['root=x', 'b="c d"'],
  });
});

describe('custom.cfg', () => {
  const custom = `menuentry 'Pinned' --id pinned {\n\tlinux /pinned root=x\n}\n`;
  const next = (own: string, text: string | null, environment = NONE) =>
    bootEntry(parseGrubConfig(own, text), environment);

  test('may choose an entry of its own, or hold the one that is saved', () => {
    expect(next(bookworm, `${custom}set default="pinned"\n`)?.title).toBe('Pinned');
    expect(
      next(withDefault('$' + '{saved_entry}'), custom, new Map([['saved_entry', 'pinned']]))?.title,
    ).toBe('Pinned');
    expect(next(bookworm, custom)?.title).toBe('Debian GNU/Linux');
  });

  test('is nothing to a grub.cfg that does not read it', () => {
    const text = bookworm.replaceAll('custom.cfg', 'other');
    expect(parseGrubConfig(text, `${custom}set default="pinned"\n`).defaultEntry).toBe('0');
  });

  test.each(['source /boot/grub/more.cfg', '. (hd0,1)/x', 'configfile /efi/debian/grub.cfg', 'blscfg'])(
    'that goes on with %j leaves the next entry unknown',
    (line) => {
      expect(next(bookworm, `${line}\n`)).toBeNull();
    },
  );
});

test('a one-time choice comes before the default', () => {
  expect(titleOf(bookworm, new Map([['next_entry', '1>1']]))).toContain('recovery mode');
  expect(titleOf(bookworm, new Map([['next_entry', '']]))).toBe('Debian GNU/Linux');
});

describe('a linux line', () => {
  const wordsOf = (line: string) =>
    bootEntry(parseGrubConfig(`menuentry 'x' {\n\t${line}\n}\n`), NONE)?.words;

  test.each([
    ['linux /vm a ds=nocloud;s=http://seed.example/ b', ['a', 'ds=nocloud']],
    ['linux /vm a & b', ['a']],
    ['linux /vm a|b', ['a']],
    ['linux /vm a # b', ['a']],
    ['linux /vm a#b c', ['a#b', 'c']],
    [`linux /vm 'a b' "c;d" e\\;f`, ['"a b"', '"c;d"', 'e;f']],
    ['linux\t/vm\ta\tb', ['a', 'b']],
    ['linux /vm ro $vt_handoff $' + '{extra_cmdline} b', ['ro', '$vt_handoff', '$' + '{extra_cmdline}', 'b']],
    [`linux /vm a "b c`, ['a']],
    ['linux /vm a {b} c', ['a']],
  ])('%j has the words that GRUB takes for its own', (line, expected) => {
    expect(wordsOf(line)).toEqual(expected);
  });

  test('is none where another command only looks alike', () => {
    expect(wordsOf('linuxrc /vm a')).toBeUndefined();
    expect(wordsOf('# linux /vm a')).toBeUndefined();
  });
});

test('grubenv is lines of name=value', () => {
  const text = '# GRUB Environment Block\nsaved_entry=1>2\nnext_entry=\n####';
  expect(parseGrubEnvironment(text)).toEqual(
    new Map([
      ['saved_entry', '1>2'],
      ['next_entry', ''],
    ]),
  );
});
