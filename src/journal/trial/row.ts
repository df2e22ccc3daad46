import * as z from '../../zod.js';
import { type Judgement, judge } from '../judge.js';
import { loadSchema } from '../load.js';
import { exitSchema, type HeaderLine, heapSchema, type TrialEndLine, verdictSchema } from '../schema.js';
import type { TrialState } from './state.js';

const time = z.iso.datetime({ precision: 3 }).nullable();
const bytes = z.number().nonnegative().nullable();

/**
 * What is known of one trial, computed from its journal and nothing else: a line of `trials.ndjson`. Every trial that began has
 * one. Sizes are bytes; null is what the journal does not say.
 */
export const trialRowSchema = z.object({
  /** Counted from 1. */
  trial: z.number().int().positive(),
  /** UTC, by the guest's clock at the run's start and its monotonic clock since. */
  startedAt: time,
  endedAt: time,
  durationMs: z.number().nonnegative().nullable(),
  /** Null: the journal has no end of it. */
  verdict: verdictSchema.nullable(),
  /** Why, in a sentence; also why there is no verdict. */
  reason: z.string(),
  exit: exitSchema.nullable(),
  limitBytes: bytes,
  peakBytes: bytes,
  /** OOM kills that the kernel counted in the trial's cgroup while it ran. */
  oomKills: z.number().nonnegative().nullable(),
  /** The program's Go, and the settings of it that the process saw; empty where they were unset. */
  go: z.string().nullable(),
  gogc: z.string().nullable(),
  gomemlimit: z.string().nullable(),
  godebug: z.string().nullable(),
  gomaxprocs: z.number().int().nonnegative().nullable(),
  /** The last step (or request) that began, and whether it was done at the end. */
  lastStep: z.object({ step: z.string(), bytes: z.number().nonnegative(), done: z.boolean() }).nullable(),
  /** The scenario's step, counted from 1, that was under way at the end; null where none was. */
  atStep: z.number().int().positive().nullable(),
  /** Whether the program was asked for a collection (the step or request `gc`). */
  collectionAsked: z.boolean(),
  /** Collections that were counted. */
  gcs: z.number().int().nonnegative().nullable(),
  /** The last that was seen; `nextGCBytes` is the heap at which the next collection was due. */
  heap: heapSchema.nullable(),
  /** What the program had let go of and no collection had taken since. */
  uncollectedBytes: bytes,
  load: loadSchema.nullable(),
});

export type TrialRow = z.infer<typeof trialRowSchema>;

/** How many trials were wanted, had begun, and have ended with a verdict (an inconclusive one is one). */
export interface TrialCounts {
  readonly wanted: number;
  readonly begun: number;
  readonly finished: number;
}

/** A trial's row from what its lines say, and the journal's first line. */
export function rowOf(state: TrialState, header: HeaderLine | null): TrialRow {
  const { start, ready, end } = state;
  return {
    trial: state.trial,
    startedAt: utcOf(start?.t, header),
    endedAt: end === null ? null : utcOf(start === null ? end.t : start.t + end.durationUs, header),
    durationMs: end === null ? null : end.durationUs / 1_000,
    ...(end === null ? NO_END : judged(state, end, header)),
    exit: end?.exit ?? null,
    limitBytes: state.limitBytes,
    peakBytes: end?.peakBytes ?? (state.peakBytes === 0 ? null : state.peakBytes),
    oomKills: riseOf(start?.counters.oomKill, end?.counters.oomKill),
    go: ready?.go ?? null,
    gogc: ready?.gogc ?? null,
    gomemlimit: ready?.gomemlimit ?? null,
    godebug: ready?.godebug ?? null,
    gomaxprocs: ready?.gomaxprocs ?? null,
    lastStep: state.lastStep,
    atStep: state.atStep,
    collectionAsked: state.collectionAsked,
    gcs: state.gcs,
    heap: state.heap,
    uncollectedBytes: state.heap === null ? null : state.uncollectedBytes,
    load: end?.load ?? null,
  };
}

const NO_END = { verdict: null, reason: 'the journal has no end of it' } as const;

/** Judged here again: where the guest's verdict differs one of the two is wrong, and nothing is certain. */
function judged({ start }: TrialState, end: TrialEndLine, header: HeaderLine | null): Judgement {
  const own = judge({
    hierarchy: header?.host.cgroup ?? '',
    pageBytes: header?.host.pageBytes ?? null,
    limitBytes: start?.limitBytes ?? null,
    before: start?.counters ?? null,
    after: end.counters,
    exit: end.exit,
  });
  const remark = end.remark === null ? '' : `; ${end.remark}`;
  if (own.verdict === end.verdict) return { verdict: own.verdict, reason: `${own.reason}${remark}` };
  return {
    verdict: 'inconclusive',
    reason: `the guest says ${end.verdict}, its counters say ${own.verdict}: ${own.reason}${remark}`,
  };
}

/** A moment of the journal's clock, in UTC. */
function utcOf(t: number | undefined, header: HeaderLine | null): string | null {
  if (t === undefined || header === null) return null;
  const at = new Date(Date.parse(header.startedAt) + (t - header.t) / 1_000);
  const year = at.getUTCFullYear();
  return year >= 1970 && year <= 9_999 ? at.toISOString() : null;
}

function riseOf(before: number | null | undefined, after: number | null | undefined): number | null {
  if (before === null || before === undefined || after === null || after === undefined) return null;
  return after >= before ? after - before : null;
}
