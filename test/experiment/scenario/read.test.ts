import { describe, expect, it } from 'vitest';
import { GclabError } from '../../../src/errors.js';
import { parseScenario } from '../../../src/experiment/scenario/read.js';
import { withPauses, writeScenario } from '../../../src/experiment/scenario/write.js';
import { parseSteps } from '../../../src/experiment/steps/parse.js';

function errorOf(text: string): string {
  try {
    parseScenario(text, 'my.yaml');
  } catch (error) {
    if (error instanceof GclabError && error.code === 'bad-scenario') {
      return `${error.message} | ${error.hint}`;
    }
    throw error;
  }
  throw new Error('no error');
}

describe('a scenario', () => {
  it('has settings, steps and expectations', () => {
    const scenario = parseScenario(
      'name: mine\nsettings: { limit: 64MiB, gogc: 50, gomemlimit: off, timeout: 1m }\nsteps:\n  - add 90%\n  - gc\nexpect: { killedAtStep: 1, gcsBetween: [1, 5] }\n',
      'my.yaml',
    );
    expect(scenario).toMatchObject({
      name: 'mine',
      settings: { limitBytes: 64 * 2 ** 20, gogc: '50', gomemlimit: 'off', timeoutMs: 60_000 },
      steps: [{ do: 'add' }, { do: 'gc' }],
      expect: { verdict: 'oom-killed', killedAtStep: 1, gcsBetween: [1, 5], peakBelow: null },
    });
  });

  it.each([
    ['steps:\n  - gc\n  - ad 5MiB\n', 'line 3, column 5: unknown command "ad"', 'did you mean add?'],
    ['steps:\n  - "add lots"\n', 'line 2, column 10: "lots" is no size', ''],
    ['steps: |\n  gc\n  wait soon\n', 'line 3, column 8: "soon" is no time', ''],
    ['steps:\n  - gc; gc\n', 'line 2, column 5: one step belongs here', ''],
    ['step:\n  - gc\n', 'line 1, column 1: there is no "step" here', 'did you mean steps?'],
    ['name: x\n', 'steps is missing', ''],
    ['steps: [gc]\nsettings:\n  limit: much\n', 'line 3, column 10: settings.limit', ''],
    ['steps: [gc]\nexpect:\n  killedAtStep: 7\n', 'line 3, column 17: it has only 1 step', ''],
    ['steps: [gc\n', 'not YAML', ''],
    ['steps: [gc]\nsteps: [gc]\n', 'not YAML', ''],
    ['steps:\n  - repeat 1000000 { repeat 1000000 { gc } }\n', 'line 2, column 3', 'make it shorter'],
    ['steps:\n  - repeat 10000 { wait 1s }\n', 'the waits alone take 10000 s', 'settings.timeout'],
    ['', 'it is no scenario', ''],
  ])('that is wrong gets a place: %j', (text, what, hint) => {
    const error = errorOf(text);
    if (text !== '') expect(error).toContain(what);
    expect(error).toContain(hint);
  });

  it('is no bomb', () => {
    const laughs = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (let level = 0; level < 9; level += 1) {
      const [from, to] = [String.fromCharCode(97 + level), String.fromCharCode(98 + level)];
      laughs.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(',')}]`);
    }
    expect(errorOf(laughs.join('\n'))).toContain('aliases cannot be followed');
    expect(errorOf('['.repeat(30_000))).toContain('nested too deeply');
    expect(errorOf('- '.repeat(10_000))).toContain('nested too deeply');
    expect(errorOf(`steps: [gc] #${'x'.repeat(70_000)}`)).toContain('longer than 64 KiB');
  });

  it('that a session saved reads back as the same steps, with the time between them', () => {
    const [add, gc] = parseSteps('add 10MiB; gc');
    if (add === undefined || gc === undefined) throw new Error('two steps');
    const steps = withPauses([
      { step: add, beganAt: 1_000_000, endedAt: 1_010_000 },
      { step: { do: 'wait', ms: 100 }, beganAt: undefined, endedAt: undefined },
      { step: gc, beganAt: 1_260_000, endedAt: 1_270_000 },
    ]);
    expect(steps).toEqual(parseSteps('add 10MiB; wait 250ms; gc'));
    const settings = {
      limitBytes: 2 ** 25,
      trials: 1,
      mode: 'interactive' as const,
      gc: false,
      gogc: 'off',
      gomemlimit: String(28 * 2 ** 20),
      env: { A: 'b: c' },
      sampleHz: 100,
      port: 1_112,
      timeoutMs: 60_000,
    };
    const text = writeScenario('saved', 'From a session.', settings, steps);
    expect(parseScenario(text, 'saved')).toMatchObject({
      steps,
      settings: { limitBytes: 2 ** 25, gogc: 'off', gomemlimit: settings.gomemlimit, env: { A: 'b: c' } },
    });
  });
});
