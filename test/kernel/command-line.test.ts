import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  disablesMemory,
  hasOption,
  parameters,
  sameParameter,
  swapAccount,
  words,
} from '../../src/kernel/command-line.js';

/** A word of a command line: no spaces outside quotes, quotes in pairs. */
const word = fc.stringMatching(/^[a-z0-9_.=,-]{1,8}("[a-z =]{0,6}")?$/).filter((text) => text !== '--');

describe('the words of a command line', () => {
  test('joined by any white space they come back as they were', () => {
    const gap = fc.constantFrom(' ', '  ', '\t', ' \n');
    fc.assert(
      fc.property(fc.array(word), gap, (list, space) => {
        expect(words(` ${list.join(space)} `)).toEqual(list);
      }),
    );
  });

  test('together hold every character that is not white space, whatever the line', () => {
    fc.assert(
      fc.property(fc.string(), (line) => {
        const solid = (text: string) => text.replace(/[ \t\n\v\f\r]/g, '');
        expect(solid(words(line).join(''))).toBe(solid(line));
      }),
    );
  });

  test('an unfinished quote runs to the end', () => {
    expect(words('a="b c')).toEqual(['a="b c']);
  });
});

describe('the kernel reads', () => {
  test('nothing behind --', () => {
    fc.assert(
      fc.property(fc.array(word), fc.array(word), (before, behind) => {
        const line = [...before, '--', ...behind].join(' ');
        expect(parameters(line)).toEqual(parameters(before.join(' ')));
      }),
    );
  });

  test('- and _ in a name as the same, in a value as different', () => {
    expect(hasOption('cgroup-enable=memory', 'cgroup_enable=memory')).toBe(true);
    expect(sameParameter('memmap=1-2', 'memmap=1_2')).toBe(false);
  });

  test('a quoted value without its quotes, spaces kept', () => {
    expect(parameters('dyndbg="file a.c +p" "b=c d" "e f"')).toEqual([
      { name: 'dyndbg', value: 'file a.c +p' },
      { name: 'b', value: 'c d' },
      { name: 'e f', value: null },
    ]);
  });

  test('only the whole name: memmap is not mem', () => {
    expect(hasOption('memmap=1G', 'mem=1G')).toBe(false);
    expect(hasOption('swapaccount=10', 'swapaccount=1')).toBe(false);
  });
});

describe('swapaccount', () => {
  test.each([
    ['swapaccount=0 swapaccount=1', 1],
    ['swapaccount=1 swapaccount=0', 0],
    ['swapaccount=1 swapaccount=yes', 1],
    ['swapaccount', null],
    ['quiet -- swapaccount=1', null],
    ['x="swapaccount=1 "', null],
  ])('of %s is %s', (line, value) => {
    expect(swapAccount(line)).toBe(value);
  });
});

test('cgroup_disable takes a list, and names are matched whole', () => {
  expect(disablesMemory('cgroup_disable=cpu,memory')).toBe(true);
  expect(disablesMemory('cgroup_disable=memory_x')).toBe(false);
  expect(disablesMemory('-- cgroup_disable=memory')).toBe(false);
});
