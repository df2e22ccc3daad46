import type { PlainStep } from './steps/step.js';

const WITHOUT_GC: readonly PlainStep[] = [
  { do: 'stats' },
  { do: 'add', amount: { percent: 90 } },
  { do: 'rel', amount: { percent: 90 } },
  { do: 'add', amount: { percent: 10 } },
  { do: 'stats' },
];

/**
 * The steps of the self-directed mode for an interactive trial (counted from 1): look, add 90 % of the limit, release it, collect
 * or not, add the other 10 %, look. Odd trials go without a collection, even ones with; `gc` asks for it always.
 */
export function sequenceOf(trial: number, gc: boolean): readonly PlainStep[] {
  return gc || trial % 2 === 0 ? WITHOUT_GC.toSpliced(3, 0, { do: 'gc' }) : WITHOUT_GC;
}
