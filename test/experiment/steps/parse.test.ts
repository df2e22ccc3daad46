import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatStep } from '../../../src/experiment/steps/format.js';
import { parseCommands, parseSteps } from '../../../src/experiment/steps/parse.js';
import { StepError } from '../../../src/experiment/steps/step.js';
import { anyCommand, anySteps } from './arbitrary.js';

function errorOf(text: string, parse: (text: string) => unknown = parseSteps): StepError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof StepError) return error;
    throw error;
  }
  throw new Error(`no error in ${text}`);
}

describe('the step language', () => {
  it.each([
    ['add 10MiB', { do: 'add', amount: { bytes: 10_485_760 } }],
    ['add 90%', { do: 'add', amount: { percent: 90 } }],
    ['add 8MiB of 64', { do: 'add', amount: { bytes: 8_388_608 }, of: { bytes: 64 } }],
    ['rel 5MiB', { do: 'rel', amount: { bytes: 5_242_880 } }],
    ['cache 20M', { do: 'cache', amount: { bytes: 20_971_520 } }],
    ['wait 2s', { do: 'wait', ms: 2_000 }],
    ['gc # collect', { do: 'gc' }],
    [
      'until heapInUse<10MiB within 5s',
      {
        do: 'until',
        condition: { metric: 'heapInUse', is: '<', than: { bytes: 10_485_760 } },
        withinMs: 5_000,
      },
    ],
    [
      'until numGC >= 3',
      { do: 'until', condition: { metric: 'numGC', is: '>=', than: { bytes: 3 } }, withinMs: 10_000 },
    ],
  ])('reads %s', (text, step) => {
    expect(parseSteps(text)).toEqual([step]);
  });

  it('reads blocks over several lines, and several steps in a line', () => {
    const steps = parseSteps('repeat 5 {\n  add 1MiB; wait 100ms\n}\ngc; stats');
    expect(steps.map((step) => step.do)).toEqual(['repeat', 'gc', 'stats']);
    expect(steps[0]).toMatchObject({ times: 5, steps: [{ do: 'add' }, { do: 'wait', ms: 100 }] });
  });

  it('knows in a session what a scenario does not', () => {
    expect(parseCommands('save "my file.yaml"; quit')).toEqual([
      { do: 'save', file: 'my file.yaml' },
      { do: 'quit' },
    ]);
    expect(errorOf('quit').message).toBe('quit belongs to a session');
  });

  it.each([
    ['ad 10MiB', 1, 1, 'unknown command "ad"', 'did you mean add?'],
    ['gc\n  rle 5MiB', 2, 3, 'unknown command "rle"', 'did you mean rel?'],
    ['add', 1, 4, 'a size is missing', 'write it like: add SIZE [of SIZE]'],
    ['add lots', 1, 5, '"lots" is no size', expect.stringContaining('10MiB')],
    ['add -5', 1, 5, '"-5" is no size', expect.any(String)],
    ['add 99999999999999TiB', 1, 5, '"99999999999999TiB" is no size', expect.any(String)],
    ['add 10MiB 3', 1, 11, '"3" is too much here', expect.any(String)],
    ['wait 3 weeks', 1, 6, '"3" is no time', expect.any(String)],
    ['repeat 0 { gc }', 1, 8, '"0" is no count', expect.any(String)],
    ['repeat 5 gc', 1, 10, 'a { is missing', expect.any(String)],
    ['repeat 5 { gc', 1, 10, 'this { has no }', expect.any(String)],
    ['repeat 5 { }', 1, 12, 'there is nothing to repeat', expect.any(String)],
    ['gc }', 1, 4, 'a } without its {', expect.any(String)],
    ['until heapInuse < 1', 1, 7, '"heapInuse" is no figure', 'did you mean heapInUse?'],
    ['until usage ~ 1', 1, 13, '"~" is no comparison', expect.any(String)],
    ['until numGC > 1.5', 1, 15, '"1.5" is no count', expect.any(String)],
    ['save "x', 1, 6, 'a quoted name has no end', expect.any(String)],
  ])('says what is wrong with %j, and where', (text, line, column, message, hint) => {
    const error = errorOf(text, text.startsWith('save') ? parseCommands : parseSteps);
    expect({ ...error.place, message: error.message, hint: error.hint }).toEqual({
      line,
      column,
      message,
      hint,
    });
  });

  it('does not follow blocks down for ever', () => {
    expect(errorOf(`${'repeat 2 {'.repeat(5_000)}`).message).toBe('more than 8 repeats inside each other');
  });

  it('reads what it writes', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        expect(parseSteps(steps.map(formatStep).join('\n'))).toEqual(steps);
        expect(parseSteps(steps.map(formatStep).join(' ;; '))).toEqual(steps);
      }),
    );
    fc.assert(
      fc.property(anyCommand, (command) => {
        expect(parseCommands(formatStep(command))).toEqual([command]);
      }),
    );
  });

  it('gives steps or a StepError with a place inside the text, whatever it is given', () => {
    const words = [
      'add',
      'rel',
      'repeat',
      '{',
      '}',
      ';',
      '\n',
      '10MiB',
      '5',
      '90%',
      'until',
      'usage',
      '<',
      '"',
      '#',
    ];
    const soup = fc.array(fc.oneof(fc.constantFrom(...words), fc.string())).map((parts) => parts.join(' '));
    fc.assert(
      fc.property(soup, (text) => {
        try {
          parseCommands(text);
        } catch (error) {
          expect(error).toBeInstanceOf(StepError);
          const { line, column } = (error as StepError).place;
          const lines = text.split('\n');
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
