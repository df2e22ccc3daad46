import { z } from 'zod';

/** docs/wire.md, schema 1. Keys that are not named here are kept out of the types but are in the file. */
export const JOURNAL_SCHEMA = 1;

const bytes = z.number().nonnegative();
const count = z.number().nonnegative().nullable().default(null);
const trialLine = { t: z.number(), trial: z.number().int().positive() };

export const heapSchema = z.object({
  allocBytes: bytes,
  inUseBytes: bytes.nullable().default(null),
  idleBytes: bytes.nullable().default(null),
  releasedBytes: bytes.nullable().default(null),
  sysBytes: bytes.nullable().default(null),
  nextGCBytes: bytes.nullable().default(null),
  numGC: bytes.nullable().default(null),
});

/** Of a request, as it was sent; empty where it had none. */
const turn = z.string().default('');

/** Null: this kernel has no such counter. */
const counters = z.object({
  usageBytes: count,
  peakBytes: count,
  oom: count,
  oomKill: count,
  oomLocal: count,
  failcnt: count,
});
export type Counters = z.infer<typeof counters>;

const exit = z.object({ code: z.number().int().nullable(), signal: z.string().nullable() });
const verdict = z.enum(['survived', 'oom-killed', 'inconclusive']);

const lines = {
  journal: z.object({
    type: z.literal('journal'),
    schema: z.literal(JOURNAL_SCHEMA),
    run: z.string(),
    startedAt: z.string(),
    host: z.object({ goVersion: z.string(), kernel: z.string(), cgroup: z.enum(['v1', 'v2', 'hybrid']) }),
  }),
  'trial-start': z.object({
    type: z.literal('trial-start'),
    ...trialLine,
    cgroup: z.string(),
    limitBytes: bytes,
    counters,
  }),
  ready: z.object({
    type: z.literal('ready'),
    ...trialLine,
    heap: heapSchema.nullish(),
    go: z.string().default(''),
    gogc: z.string().default(''),
    gomemlimit: z.string().default(''),
  }),
  begin: z.object({
    type: z.literal('begin'),
    ...trialLine,
    step: z.string(),
    bytes: bytes.default(0),
    number: count,
    turn,
  }),
  step: z.object({
    type: z.literal('step'),
    ...trialLine,
    step: z.string(),
    bytes: bytes.default(0),
    number: count,
    heap: heapSchema,
  }),
  heap: z.object({ type: z.literal('heap'), ...trialLine, heap: heapSchema }),
  request: z.object({
    type: z.literal('request'),
    ...trialLine,
    route: z.string(),
    bytes: bytes.default(0),
    turn,
    status: z.number(),
    durationUs: z.number().nonnegative(),
    heap: heapSchema.nullish(),
  }),
  samples: z.object({
    type: z.literal('samples'),
    ...trialLine,
    at: z.array(z.number()),
    usage: z.array(z.number()),
  }),
  gc: z.object({
    type: z.literal('gc'),
    ...trialLine,
    n: z.number(),
    forced: z.boolean().default(false),
    goalBytes: bytes.nullable(),
  }),
  listening: z.object({ type: z.literal('listening'), ...trialLine, address: z.string() }),
  'trial-end': z.object({
    type: z.literal('trial-end'),
    ...trialLine,
    exit,
    counters,
    peakBytes: count,
    durationUs: z.number().nonnegative(),
    lastStep: z.string().nullable().default(null),
    verdict,
    reason: z.string(),
  }),
  note: z.object({ type: z.literal('note'), t: z.number(), message: z.string() }),
  end: z.object({
    type: z.literal('end'),
    t: z.number(),
    reason: z.enum(['complete', 'stopped', 'timeout', 'failed']),
    error: z
      .object({ code: z.string(), message: z.string(), hint: z.string().nullish() })
      .nullish()
      .default(null),
  }),
} as const;

const lineSchema = z.discriminatedUnion('type', [
  lines.journal,
  lines['trial-start'],
  lines.ready,
  lines.begin,
  lines.step,
  lines.heap,
  lines.request,
  lines.samples,
  lines.gc,
  lines.listening,
  lines['trial-end'],
  lines.note,
  lines.end,
]);

export type JournalLine = z.infer<typeof lineSchema>;
export type TrialStartLine = z.infer<(typeof lines)['trial-start']>;
export type TrialEndLine = z.infer<(typeof lines)['trial-end']>;

const typeOnly = z.object({ type: z.string() });

/**
 * One line of the journal. Undefined for a type this version does not know; a line that is no JSON object, or
 * whose type is known and whose keys are wrong, is a `damaged` line: said, never guessed at.
 */
export function parseJournalLine(text: string): JournalLine | { readonly type: 'damaged' } | undefined {
  const value = parseJson(text);
  const known = lineSchema.safeParse(value);
  if (known.success) return known.data;
  const named = typeOnly.safeParse(value);
  return named.success && !(named.data.type in lines) ? undefined : { type: 'damaged' };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
