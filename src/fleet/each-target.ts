import pLimit from 'p-limit';
import type { Target } from '../model.js';
import { type Ended, failureOf } from './outcome.js';
import { Phases } from './phases.js';
import type { TargetsRequest } from './request.js';

/** Where what is known of targets is kept, by their ids. An update is known at once, though it could not be written. */
export interface Records<R> {
  recordOf(id: string): R;
  update(id: string, change: Partial<R>): Promise<void>;
}

/** One target's share of a workflow. */
export interface Share<R> {
  readonly target: Target;
  readonly phases: Phases;
  /** Adds to the target's record. */
  readonly learn: (change: Partial<R>) => Promise<void>;
}

/**
 * Works on the targets side by side, at most `parallel` at once. Never rejects: a target whose work does has that as its outcome. Gives the
 * records in the order of the targets.
 */
export async function eachTarget<R extends Ended>(
  request: Pick<TargetsRequest, 'targets' | 'parallel' | 'listener' | 'signal' | 'now'>,
  records: Records<R>,
  work: (share: Share<R>) => Promise<void>,
): Promise<R[]> {
  const limit = pLimit(request.parallel);
  const one = async (target: Target): Promise<R> => {
    const phases = new Phases(target.id, request.listener, request.now);
    const learn = (change: Partial<R>): Promise<void> => records.update(target.id, change);
    const ended = await work({ target, phases, learn }).then(
      () => COMPLETED,
      (error: unknown) => failureOf(error, request.signal),
    );
    // What cannot be written is known all the same.
    await learn(ended as Partial<R>).catch(() => undefined);
    const record = records.recordOf(target.id);
    const { outcome, error } = ended;
    request.listener({ kind: 'target-ended', target: target.id, outcome, error: error?.code ?? null });
    return record;
  };
  return await Promise.all(request.targets.map((target) => limit(() => one(target))));
}

const COMPLETED = { outcome: 'completed', error: null } as const;

/** Records that no file has: of workflows that only look, or whose ledger is on the guest. */
export function recordsInMemory<R extends Ended>(
  targets: readonly Target[],
  fresh: (target: Target) => R,
): Records<R> {
  const records = new Map(targets.map((target) => [target.id, fresh(target)]));
  const recordOf = (id: string): R => {
    const record = records.get(id);
    if (record === undefined) throw new Error(`no such target: ${id}`);
    return record;
  };
  return {
    recordOf,
    update: async (id, change) => void records.set(id, { ...recordOf(id), ...change }),
  };
}
