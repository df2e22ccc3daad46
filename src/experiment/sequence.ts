import type { PlainStep } from './steps/step.js';

const WITHOUT_GC: readonly PlainStep[] = [
  { do: 'stats' },
  { do: 'add', amount: { percent: 90 } },
  { do: 'rel', amount: { percent: 90 } },
  { do: 'add', amount: { percent: 10 } },
  { do: 'stats' },
];

/** Whether the sequence of a trial (counted from 1) collects: the even ones do, and all where `gc` asks for it. */
export function collects(trial: number, gc: boolean): boolean {
  return gc || trial % 2 === 0;
}

/** The steps of the self-directed mode: look, add 90 % of the limit, release it, collect or not, add the other 10 %, look. */
export function sequenceOf(isCollected: boolean): readonly PlainStep[] {
  return isCollected ? WITHOUT_GC.toSpliced(3, 0, { do: 'gc' }) : WITHOUT_GC;
}
