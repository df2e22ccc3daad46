import { type ErrorCode, GclabError } from '../errors.js';
import { limitObstacle } from '../kernel/readiness/limit.js';
import { readiness } from '../kernel/readiness/readiness.js';
import type { Facts, Readiness } from '../model.js';

export interface Gate {
  readonly readiness: Readiness;
  /** Why this guest gets no experiment; null: it may run. */
  readonly refusal: GclabError | null;
}

/** May the experiment run here? Judged from the facts alone: nothing was changed yet. */
export function gate(facts: Facts, target: string, limitBytes: number): Gate {
  const judged = readiness(facts);
  const refusal = refuse(facts, judged, limitBytes);
  if (refusal === null) return { readiness: judged, refusal: null };
  const doing = 'checking what the guest can enforce';
  return { readiness: judged, refusal: new GclabError({ ...refusal, doing, target }) };
}

interface Refusal {
  readonly code: ErrorCode;
  readonly what: string;
  readonly hint: string;
}

function refuse(facts: Facts, judged: Readiness, limitBytes: number): Refusal | null {
  const obstacle = judged.obstacles[0];
  if (obstacle !== undefined) return { code: codeOf(facts), what: obstacle.what, hint: obstacle.hint };
  if (facts.architecture.go === null) return noBinary(facts.architecture.machine);
  const tooHigh = limitObstacle(facts, limitBytes);
  return tooHigh === null ? null : { code: 'limit-above-memory', what: tooHigh.what, hint: tooHigh.hint };
}

/** The obstacle is told in words; the code says which kind it is. */
function codeOf(facts: Facts): ErrorCode {
  if (facts.os.kind !== 'linux') return 'not-linux';
  if (facts.cgroup.readOnly) return 'cgroup-read-only';
  const lacksAny = !facts.cgroup.memory || !facts.cgroup.swap || facts.cgroup.refused !== null;
  return lacksAny ? 'not-ready' : 'no-privilege';
}

function noBinary(machine: string): Refusal {
  return {
    code: 'no-binary',
    what: `gcexp is built for x86_64 and aarch64, the guest is ${machine}`,
    hint: 'use a guest of one of these architectures',
  };
}
