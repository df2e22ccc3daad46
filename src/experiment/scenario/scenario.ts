import type { ScenarioExpectation } from '../../model.js';
import type { Step } from '../steps/step.js';

/** A scenario as it was written, checked: everything that it does not say is null or absent. */
export interface Scenario {
  readonly name: string;
  /** What it shows and what to expect. */
  readonly about: string;
  readonly settings: ScenarioSettings;
  readonly steps: readonly Step[];
  readonly expect: ScenarioExpectation | null;
}

export interface ScenarioSettings {
  readonly limitBytes?: number;
  readonly gogc?: string;
  readonly gomemlimit?: string;
  readonly sampleHz?: number;
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}
