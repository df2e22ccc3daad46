import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseScenario } from '../../src/experiment/scenario/read.js';
import { resolveSteps } from '../../src/experiment/steps/resolve.js';
import { GUEST_DIR } from './hosts.js';

/** What every contender does on every host. */
export interface Job {
  readonly scenario: string;
  readonly gcexp: string;
  readonly sha256: string;
  /** The line that `gcexp start` reads; `@run@` stands for the run's name. */
  readonly configuration: string;
}

const LIMIT_BYTES = 64 * 2 ** 20;

export function theJob(): Job {
  const scenario = resolve('bench', 'fleet', 'job.yaml');
  const { name, steps, expect } = parseScenario(readFileSync(scenario, 'utf8'), 'job');
  const gcexp = resolve('dist', `gcexp-linux-${process.arch === 'x64' ? 'amd64' : process.arch}`);
  const settings = {
    limitBytes: LIMIT_BYTES,
    trials: 1,
    mode: 'scenario',
    gc: false,
    gogc: null,
    gomemlimit: null,
    env: {},
    sampleHz: 1_000,
    port: 0,
    timeoutMs: 60_000,
    scenario: { name, steps: resolveSteps(steps, LIMIT_BYTES), expect },
  };
  return {
    scenario,
    gcexp,
    sha256: createHash('sha256').update(readFileSync(gcexp)).digest('hex'),
    configuration: `${JSON.stringify({ schema: 1, run: '@run@', dir: GUEST_DIR, ...settings })}\n`,
  };
}
