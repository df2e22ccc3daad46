import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { commandLine, quote } from '../../../src/transport/command/quote.js';

/** fish makes folders in its home. */
let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'gclab-home-'));
  return () => rmSync(home, { recursive: true });
});

/** Prints its arguments, NUL after each, so that nothing can be mistaken. */
const PRINT_ARGUMENTS = ['printf', '%s\\0'];

function argumentsUnder(shell: string, words: readonly string[]): string[] {
  const line = commandLine([...PRINT_ARGUMENTS, ...words]);
  const printed = execFileSync(shell, ['-c', line], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: home },
  });
  return printed.split('\0').slice(0, -1);
}

const NASTY = fc.constantFrom(
  ...[
    "'",
    '"',
    '\\',
    '$(id)',
    '`id`',
    '!',
    '!!',
    '\n',
    '\r',
    '\t',
    ' ',
    '*',
    '~',
    '{a,b}',
    '#',
    '%s',
    '%self',
    '&',
    ';',
    '|',
    '<',
    '>',
    '(',
    ')',
    '^',
    '=ls',
    'é',
    '漢',
    '🦊',
    '\u001b[31m',
    '\u007f',
    '\\n',
    "\\'",
    '$HOME',
    '-n',
  ],
);
const WORD = fc.oneof(
  fc.array(NASTY, { maxLength: 6 }).map((parts) => parts.join('')),
  fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !text.includes('\0')),
  fc.string({ unit: 'binary-ascii', maxLength: 20 }).map((text) => text.replaceAll('\0', '')),
);

describe.each(['sh', 'bash', 'dash', 'fish', 'tcsh', 'csh'])('an argv under %s', (shell) => {
  it('arrives word by word as it was sent', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.array(WORD, { minLength: 1, maxLength: 5 }), (words) => {
        expect(argumentsUnder(shell, words)).toEqual(words);
      }),
      { numRuns: 60 },
    );
  });

  it.each(['', "it's", 'a\nb\n', '\n', '!', '\\', "\\'", '$(touch x)', '-e', '\\0101', 'a!b', '!$'])(
    'carries %j',
    (word) => {
      expect(argumentsUnder(shell, [word, 'next'])).toEqual([word, 'next']);
    },
  );
});

describe('commandLine', () => {
  it('leaves plain words bare, so that a log stays readable', () => {
    expect(commandLine(['uname', '-m', '/etc/hosts'])).toBe("'uname' -m /etc/hosts");
  });

  it('quotes the program, since csh expands an alias of a bare word', () => {
    expect(commandLine(['rm', 'x'])).toBe("'rm' x");
  });

  it.each([[[]], [['a', 'b\0c']], [['\ud800']]])('refuses %j, which no argv can be', (argv) => {
    expect(() => commandLine(argv)).toThrow(RangeError);
  });

  it('quotes as POSIX says', () => {
    expect(quote("it's")).toBe("'it'\\''s'");
  });
});
