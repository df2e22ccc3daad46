import pLimit from 'p-limit';
import type { Guest, Target } from '../model.js';
import { connect } from '../transport/connect.js';
import { Phases } from './phases.js';
import type { TargetsRequest } from './run-request.js';

/** Works on the targets side by side, at most `parallel` at once; what came of each, in their order. */
export async function eachTarget<T>(
  { targets, parallel, listener }: Pick<TargetsRequest, 'targets' | 'parallel' | 'listener'>,
  work: (target: Target, phases: Phases) => Promise<T>,
): Promise<T[]> {
  const limit = pLimit(parallel);
  const begin = (target: Target): Promise<T> => work(target, new Phases(target.name, listener));
  return await Promise.all(targets.map((target) => limit(() => begin(target))));
}

/** A fresh connection. `signal` interrupts only the connecting. */
export function dial(
  target: Target,
  request: Pick<TargetsRequest, 'connect' | 'signal'>,
  signal = request.signal,
): Promise<Guest> {
  return connect(target, { ...request.connect, signal });
}

/** The first phase of all work on a target. */
export async function connectPhase(
  target: Target,
  request: Pick<TargetsRequest, 'connect' | 'signal'>,
  phases: Phases,
): Promise<Guest> {
  return await phases.run(
    'connect',
    () => dial(target, request),
    ({ address }) => address,
  );
}
