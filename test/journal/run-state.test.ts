import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JournalReader } from '../../src/journal/read.js';
import { RunState } from '../../src/journal/run-state.js';
import { trialRowSchema } from '../../src/journal/trial/row.js';
import { killedTrial, line, written } from './lines.js';

function stateOf(...objects: readonly object[]): RunState {
  const state = new RunState();
  for (const object of objects) state.take(line(object));
  return state;
}

describe('a trial’s row', () => {
  it('has what an analysis needs, from the journal’s lines alone', () => {
    const [row] = stateOf(written.header(), ...killedTrial(1), written.runEnd(70_000)).rows();
    expect(row).toMatchObject({
      trial: 1,
      startedAt: '2026-11-24T06:01:02.123Z',
      endedAt: '2026-11-24T06:01:02.183Z',
      durationMs: 60.25,
      verdict: 'oom-killed',
      reason:
        "the OOM killer ended it because this cgroup's own limit was reached (oom_kill and memory.events.local oom rose)",
      exit: { code: null, signal: 'SIGKILL' },
      limitBytes: 33_554_432,
      peakBytes: 33_554_432,
      oomKills: 1,
      go: 'go1.24.4',
      gogc: '',
      gomemlimit: '25165824',
      gomaxprocs: 2,
      lastStep: { step: 'allocate-10', bytes: 3_355_443, done: false },
      atStep: null,
      collectionAsked: false,
      gcs: 1,
      heap: { allocBytes: 30_251_352, nextGCBytes: 60_730_688 },
      uncollectedBytes: 30_198_988,
      load: { cpuBusyUs: 90_000, runnable: { mean: 1.5 } },
    });
    expect(trialRowSchema.parse(row)).toEqual(row);
  });

  it('knows of nothing uncollected once a collection has ended', () => {
    const lines = killedTrial(1).toSpliced(7, 0, written.gc(1, 21_250, 2));
    expect(stateOf(written.header(), ...lines).rows()[0]).toMatchObject({ gcs: 2, uncollectedBytes: 0 });
  });

  it('names the scenario’s step that was under way', () => {
    const begin = written.begin(1, 2_000, 'add', 10, { number: 3 });
    const [row] = stateOf(written.header(), written.start(1), begin).rows();
    expect(row).toMatchObject({ atStep: 3, lastStep: { step: 'add', done: false } });
    const done = { ...written.step(1, 3_000, 'add', 10), number: 3 };
    const [after] = stateOf(written.header(), written.start(1), begin, done).rows();
    expect(after).toMatchObject({ atStep: null, lastStep: { step: 'add', done: true } });
  });

  it('is there for a trial that has no end, with no verdict', () => {
    const rows = stateOf(written.header(200), ...killedTrial(1), written.start(2, 90_000)).rows();
    expect(rows.map(({ trial, verdict }) => [trial, verdict])).toEqual([
      [1, 'oom-killed'],
      [2, null],
    ]);
    expect(rows[1]).toMatchObject({ startedAt: '2026-11-24T06:01:02.212Z', endedAt: null, durationMs: null });
  });

  it('is inconclusive where the guest says otherwise than its counters, or its start is missing', () => {
    const lie = written.end(1, 9_000, 'survived', { verdict: 'oom-killed' });
    expect(stateOf(written.header(), written.start(1), lie).rows()[0]).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('the guest says oom-killed, its counters say survived'),
    });
    expect(stateOf(written.header(), written.end(1, 9_000, 'oom-killed')).rows()[0]).toMatchObject({
      verdict: 'inconclusive',
      reason: expect.stringContaining('nothing was read of its cgroup before it started'),
    });
  });

  it('believes no kill of a journal without its first line: the kind of cgroup is not known', () => {
    const rows = stateOf(...killedTrial(1)).rows();
    expect(rows[0]).toMatchObject({ verdict: 'inconclusive', startedAt: null });
  });

  it('tells what the guest remarked', () => {
    const end = written.end(1, 9_000, 'survived', { remark: 'and something besides' });
    expect(stateOf(written.header(), written.start(1), end).rows()[0]?.reason).toMatch(
      /; and something besides$/,
    );
  });
});

describe('lines that stand where they cannot', () => {
  it('are counted and change nothing', () => {
    const good = [written.header(2), ...killedTrial(1), ...killedTrial(2, 100_000), written.runEnd(200_000)];
    const rows = stateOf(...good).rows();
    const doubled = stateOf(...good.flatMap((one) => [one, one]));
    // Steps and samples that come twice are within a trial, where nobody can tell.
    expect(doubled.rows().map(({ verdict, trial }) => [trial, verdict])).toEqual(
      rows.map(({ verdict, trial }) => [trial, verdict]),
    );
    expect(doubled.damage.damagedLines).toBe(6);
    const after = stateOf(...good, written.end(1, 300_000, 'survived'), written.start(3));
    expect(after.rows()).toEqual(rows);
    expect(after.damage.damagedLines).toBe(2);
  });

  it('never make a kill out of a trial in any order', () => {
    const lines = [written.header(1), ...killedTrial(1), written.end(1, 9_000, 'survived')];
    fc.assert(
      fc.property(fc.shuffledSubarray(lines), (some) => {
        for (const row of stateOf(...some).rows()) {
          const at = (type: string): number =>
            some.findIndex((one) => (one as { type: string }).type === type);
          if (row.verdict === 'oom-killed') expect(at('trial-start')).toBeLessThan(at('trial-end'));
          if (row.verdict === 'oom-killed') expect(at('trial-start')).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it('are damaged when their numbers are none that can be counted', () => {
    for (const broken of [
      { ...written.step(1, 5, 'add'), bytes: 2 ** 60 },
      { ...written.step(1, 5, 'add'), bytes: -1 },
      { ...written.step(1, 5, 'add'), t: 1e300 },
      written.samples(1, [1, 2], [1]),
      written.start(100_001),
      written.start(0),
      written.start(1.5),
    ])
      expect(line(broken)).toEqual({ type: 'damaged' });
  });

  it('are passed over when their type is of a later version', () => {
    const state = stateOf(written.header(), { type: 'of-tomorrow', t: 1, trial: 1 });
    expect(state.damage).toEqual({ damagedLines: 0, isTorn: false });
  });
});

it('shows the first trial that was OOM-killed, else the first', () => {
  const survived = [written.start(1), written.end(1, 9_000, 'survived')];
  const state = stateOf(written.header(3), ...survived, ...killedTrial(2, 10_000), ...killedTrial(3, 90_000));
  expect(state.shown?.trial).toBe(2);
  expect(state.shown?.curve.usageBytes.at(-1)).toBe(33_554_432);
  expect(stateOf(written.header(3), ...survived).shown?.trial).toBe(1);
});

it('is the same however the bytes come', () => {
  const text = [written.header(2), ...killedTrial(1), ...killedTrial(2, 100_000), written.runEnd(200_000)]
    .map((one) => `${JSON.stringify(one)}\n`)
    .join('');
  const bytes = Buffer.from(`${text}torn`);
  const read = (size: number): RunState => {
    const reader = new JournalReader();
    const state = new RunState();
    for (let at = 0; at < bytes.length; at += size)
      for (const one of reader.push(bytes.subarray(at, at + size))) state.take(one);
    state.isTorn = reader.isTorn;
    return state;
  };
  const whole = read(bytes.length);
  expect(whole.damage).toEqual({ damagedLines: 0, isTorn: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), (size) => {
      expect(read(size).rows()).toEqual(whole.rows());
    }),
    { numRuns: 30 },
  );
});
