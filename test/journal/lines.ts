import { parseJournalLine, type ReadLine } from '../../src/journal/schema.js';

/** A line as a guest writes it, read as the controller reads it. */
export function line(object: object): ReadLine {
  return parseJournalLine(JSON.stringify(object));
}

const COUNTERS = { usageBytes: 0, peakBytes: 0, oom: 0, oomKill: 0, oomLocal: 0, failcnt: null };

export const HEAP = {
  allocBytes: 30_251_352,
  idleBytes: 100_000,
  inUseBytes: 30_300_000,
  releasedBytes: 0,
  sysBytes: 40_000_000,
  nextGCBytes: 60_730_688,
  numGC: 1,
};

/** Lines of a run of `trials` on cgroup v2, as plain objects. */
export const written = {
  header: (trials = 1, more: object = {}): object => ({
    type: 'journal',
    t: 500,
    schema: 1,
    program: 'gcexp',
    run: '20261124T060102Z-k3f9a1',
    startedAt: '2026-11-24T06:01:02.123456789Z',
    config: { trials, mode: 'self' },
    host: {
      goVersion: 'go1.24.4',
      kernel: '6.8.0',
      cgroup: 'v2',
      bootId: '6f3b8a52-53a4-4ad8-9a53-0d7f8ad2c1c0',
      pageBytes: 4096,
      ...more,
    },
  }),
  start: (trial: number, t = 1_000): object => ({
    type: 'trial-start',
    t,
    trial,
    cgroup: `/gclab-r/trial-${trial}`,
    pid: 7,
    limitBytes: 33_554_432,
    swap: 0,
    entry: 'clone',
    counters: COUNTERS,
  }),
  ready: (trial: number, t = 1_500): object => ({
    type: 'ready',
    t,
    trial,
    heap: { ...HEAP, allocBytes: 100_000, nextGCBytes: 4_194_304, numGC: 0 },
    go: 'go1.24.4',
    gogc: '',
    gomemlimit: '25165824',
    godebug: 'gctrace=1',
    gomaxprocs: 2,
  }),
  begin: (trial: number, t: number, step: string, bytes = 0, more: object = {}): object => ({
    type: 'begin',
    t,
    trial,
    step,
    bytes,
    ...more,
  }),
  step: (trial: number, t: number, step: string, bytes = 0, heap: object = HEAP): object => ({
    type: 'step',
    t,
    trial,
    step,
    bytes,
    heap,
    usageBytes: 31_000_000,
  }),
  samples: (trial: number, at: readonly number[], usage: readonly number[]): object => ({
    type: 'samples',
    t: at.at(-1),
    trial,
    at,
    usage,
  }),
  gc: (trial: number, t: number, n: number): object => ({
    type: 'gc',
    t,
    trial,
    n,
    goalBytes: 4_194_304,
    forced: false,
  }),
  end: (trial: number, t: number, kind: 'oom-killed' | 'survived', more: object = {}): object => ({
    type: 'trial-end',
    t,
    trial,
    exit: kind === 'survived' ? { code: 0, signal: null } : { code: null, signal: 'SIGKILL' },
    counters: kind === 'survived' ? COUNTERS : { ...COUNTERS, oom: 1, oomKill: 1, oomLocal: 1 },
    peakBytes: 33_554_432,
    durationUs: 60_250,
    lastStep: 'allocate-10',
    verdict: kind,
    reason: 'what the guest says',
    remark: null,
    load: {
      wallUs: 61_000,
      cpus: 2,
      cpuBusyUs: 90_000,
      cpuStealUs: 0,
      processCpuUs: 70_000,
      stalled: { cpu: { someUs: 900, fullUs: 0 }, memory: { someUs: 0, fullUs: 0 }, io: null },
      runnable: { mean: 1.5, max: 2, samples: 2 },
      loadAverage: 0.4,
    },
    ...more,
  }),
  runEnd: (t: number, reason = 'complete'): object => ({ type: 'end', t, reason, trials: 1, error: null }),
};

/** A trial of the self-directed mode that was OOM-killed in the second allocation. */
export function killedTrial(trial: number, from = 1_000): object[] {
  return [
    written.start(trial, from),
    written.ready(trial, from + 500),
    written.begin(trial, from + 600, 'allocate-90', 30_198_988),
    written.gc(trial, from + 5_000, 1),
    written.step(trial, from + 20_000, 'allocate-90', 30_198_988),
    written.begin(trial, from + 20_100, 'release', 30_198_988),
    written.step(trial, from + 20_200, 'release', 30_198_988),
    written.begin(trial, from + 20_300, 'allocate-10', 3_355_443),
    written.samples(trial, [from + 600, from + 20_000, from + 40_000], [1_000_000, 31_000_000, 33_554_432]),
    written.end(trial, from + 60_300, 'oom-killed'),
  ];
}
