import fc from 'fast-check';
import type { Command, PlainStep, Step } from '../../../src/experiment/steps/step.js';
import { COMPARISONS } from '../../../src/experiment/steps/step.js';
import { METRICS } from '../../../src/journal/trial/figures.js';

const bytes = fc.record({ bytes: fc.integer({ min: 1, max: 2 ** 40 }) });
const percent = fc.record({ percent: fc.integer({ min: 1, max: 1_000 }) });
const amount = fc.oneof(bytes, percent);
const ms = fc.integer({ min: 0, max: 86_400_000 });
const condition = fc
  .record({ metric: fc.constantFrom(...METRICS), is: fc.constantFrom(...COMPARISONS), than: amount })
  .map((one) => (one.metric === 'numGC' ? { ...one, than: { bytes: 7 } } : one));

const anyPlainStep: fc.Arbitrary<PlainStep> = fc.oneof(
  fc.record({ do: fc.constant('add' as const), amount }),
  fc.record({ do: fc.constant('add' as const), amount, of: amount }),
  fc.record({ do: fc.constantFrom('rel' as const, 'cache' as const), amount }),
  fc.record({ do: fc.constantFrom('gc' as const, 'stats' as const, 'reset' as const) }),
  fc.record({ do: fc.constant('wait' as const), ms }),
  fc.record({ do: fc.constant('until' as const), condition, withinMs: ms }),
);

export const { step: anyStep } = fc.letrec<{ step: Step }>((tie) => ({
  step: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    anyPlainStep,
    fc.record({
      do: fc.constant('repeat' as const),
      times: fc.integer({ min: 1, max: 1_000_000 }),
      steps: fc.array(tie('step'), { minLength: 1, maxLength: 4 }),
    }),
  ),
}));

export const anySteps = fc.array(anyStep, { maxLength: 8 });

export const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  anyStep,
  fc.record({ do: fc.constantFrom('env' as const, 'again' as const, 'help' as const, 'quit' as const) }),
  fc.record({ do: fc.constant('save' as const), file: fc.stringMatching(/^[a-z ./-]{1,20}$/) }),
);
