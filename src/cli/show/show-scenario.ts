import type { Scenario } from '../../experiment/scenario/scenario.js';
import { costOf } from '../../experiment/steps/budget.js';
import { formatStep } from '../../experiment/steps/format.js';
import { printable } from '../../printable.js';
import type { Print } from './lines.js';

/** What a scenario does, a line for each step. */
export function showScenario({ name, about, steps }: Scenario, print: Print): void {
  const { done, waitMs } = costOf(steps);
  print(`${printable(name, 60)}: ${done} steps, of which ${waitMs / 1_000} s only wait`);
  if (about !== '') print(printable(about));
  for (const [index, step] of steps.entries()) print(`  ${index + 1}. ${formatStep(step)}`);
}
