import { describe, expect, it } from 'vitest';
import { GclabError } from '../../src/errors.js';
import { eachTarget, recordsInMemory } from '../../src/fleet/each-target.js';
import type { WorkflowEvent } from '../../src/fleet/events.js';
import type { Ended } from '../../src/fleet/outcome.js';
import { hostTarget } from '../../src/inventory/targets.js';
import type { Target } from '../../src/model.js';

interface Seen extends Target, Ended {
  readonly seen: boolean;
}

const fresh = (target: Target): Seen => ({ ...target, outcome: null, error: null, seen: false });

function fleet(count: number, parallel = count, signal = new AbortController().signal) {
  const targets = Array.from({ length: count }, (_, index) => hostTarget(`vm${index}`));
  const events: WorkflowEvent[] = [];
  const request = {
    targets,
    parallel,
    signal,
    now: () => new Date(0),
    listener: (event: WorkflowEvent) => void events.push(event),
  };
  return { request, events, records: recordsInMemory(targets, fresh) };
}

const refused = (): GclabError =>
  new GclabError({ code: 'connection-refused', doing: 'connecting', what: 'no' });

describe('a fleet', () => {
  it('never rejects: each target ends in an outcome, in the order of the targets', async () => {
    const { request, records, events } = fleet(4);
    const ended = await eachTarget(request, records, async ({ target, learn }) => {
      await learn({ seen: true });
      if (target.name === 'vm0') throw refused();
      if (target.name === 'vm2') throw new Error('a bug');
    });
    expect(ended.map(({ name, outcome, error }) => [name, outcome, error?.code ?? null])).toEqual([
      ['vm0', 'unreachable', 'connection-refused'],
      ['vm1', 'completed', null],
      ['vm2', 'failed', 'fault'],
      ['vm3', 'completed', null],
    ]);
    expect(ended.every(({ seen }) => seen)).toBe(true);
    const ends = events.filter(({ kind }) => kind === 'target-ended');
    expect(ends).toHaveLength(4);
  });

  it('never rejects, also where a record cannot be written', async () => {
    const { request, records } = fleet(2);
    const full = {
      ...records,
      update: async (id: string, change: Partial<Seen>) => {
        await records.update(id, change);
        throw new GclabError({ code: 'results-not-written', doing: 'keeping', what: 'the disk is full' });
      },
    };
    const ended = await eachTarget(request, full, async ({ target, learn }) => {
      if (target.name === 'vm1') await learn({ seen: true });
    });
    expect(ended.map(({ outcome, error }) => [outcome, error?.code])).toEqual([
      ['completed', undefined],
      ['failed', 'results-not-written'],
    ]);
  });

  it('works on so many at once and no more, and begins one as another ends', async () => {
    const { request, records } = fleet(20, 3);
    let running = 0;
    let most = 0;
    await eachTarget(request, records, async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    });
    expect(most).toBe(3);
  });

  it('calls what fails after an interruption interrupted', async () => {
    const { request, records } = fleet(1, 1, AbortSignal.abort());
    const [one] = await eachTarget(request, records, () => Promise.reject(refused()));
    expect(one?.outcome).toBe('interrupted');
  });
});
