import * as z from '../zod.js';
import { flat, ifRight, only, orElse, orNull, schemaOf, text, whole } from './flat.js';
import { loadSchema } from './load.js';

/** docs/wire.md. Keys that are not named here are kept out of the types but are in the file. */
export const JOURNAL_SCHEMA = 1;

/** A run has at most so many trials, and a line of samples so many (test/fixtures/contract/bounds.json). */
export const MAX_TRIALS = 100_000;
export const MAX_SAMPLES_PER_LINE = 256;
export const MAX_JOURNAL_BYTES = 1024 ** 3;

/** Longer text is cut: it is for people, and nothing hangs on it. */
const MAX_PROSE = 8_000;
const prose = z.string().transform((text) => text.slice(0, MAX_PROSE));
const MAX_WORD = 1_000;
const word = z.string().max(MAX_WORD);

/** Whole, and small enough for a double to hold it exactly: a line with another number is damaged. */
const bytes = z.number().int().nonnegative();
const microseconds = z.number().int();

/** Readings of one kind, in their order. Looked at in one go: a journal consists of them for the most part. */
function readings(isReading: (value: number) => boolean): z.ZodType<readonly number[]> {
  return z.custom<readonly number[]>(
    (value) =>
      Array.isArray(value) &&
      value.length <= MAX_SAMPLES_PER_LINE &&
      value.every((one) => Number.isSafeInteger(one) && isReading(one)),
  );
}

/** A kernel's counter. Null: it has none, or says a number that nobody can count up to. */
const counter = z
  .number()
  .nullable()
  .default(null)
  .transform((count) => (count !== null && Number.isSafeInteger(count) && count >= 0 ? count : null));

const trialLine = { t: microseconds, trial: z.number().int().positive().max(MAX_TRIALS) };

const heap = flat({
  allocBytes: whole(0),
  inUseBytes: orNull(whole(0)),
  idleBytes: orNull(whole(0)),
  releasedBytes: orNull(whole(0)),
  sysBytes: orNull(whole(0)),
  nextGCBytes: orNull(whole(0)),
  numGC: orNull(whole(0)),
});
export const heapSchema = schemaOf(heap);
export type Heap = z.infer<typeof heapSchema>;

/** Of a request, as it was sent; empty where it had none. */
const key = word.default('');

const counters = z.object({
  usageBytes: counter,
  peakBytes: counter,
  oom: counter,
  oomKill: counter,
  oomLocal: counter,
  failcnt: counter,
});

/** How a process ended: one of the two is null; both are where nobody knows. */
export const exitSchema = z.object({ code: z.number().int().nullable(), signal: word.nullable() });
export const verdictSchema = z.enum(['survived', 'oom-killed', 'inconclusive']);
export type TrialVerdict = z.infer<typeof verdictSchema>;

/** Those that a journal has most of, by their type. */
const flatTrialLine = { t: whole(), trial: whole(1, MAX_TRIALS) };
const flatStep = { step: text(MAX_WORD), bytes: orElse(whole(0), 0), number: ifRight(whole(0)) };
const flatLines = {
  begin: flat({ type: only('begin'), ...flatTrialLine, ...flatStep, key: orElse(text(MAX_WORD), '') }),
  step: flat({ type: only('step'), ...flatTrialLine, ...flatStep, heap }),
  heap: flat({ type: only('heap'), ...flatTrialLine, heap }),
};

/** The others. */
const lines = {
  journal: z.object({
    type: z.literal('journal'),
    t: microseconds.default(0),
    schema: z.literal(JOURNAL_SCHEMA),
    run: z.string().max(100),
    startedAt: z.string().max(100),
    config: z
      .object({ trials: z.number().int().positive().max(MAX_TRIALS), mode: word.default('self') })
      .nullable()
      .default(null),
    host: z.object({
      goVersion: word,
      kernel: word,
      /** Empty: no memory controller was found. */
      cgroup: z.enum(['v1', 'v2', 'hybrid', '']),
      bootId: word.default(''),
      pageBytes: counter,
    }),
  }),
  'trial-start': z.object({
    type: z.literal('trial-start'),
    ...trialLine,
    cgroup: word,
    limitBytes: counter,
    counters,
  }),
  ready: z.object({
    type: z.literal('ready'),
    ...trialLine,
    heap: heapSchema.nullish(),
    go: word.default(''),
    gogc: word.default(''),
    gomemlimit: word.default(''),
    godebug: word.default(''),
    gomaxprocs: counter,
  }),
  request: z.object({
    type: z.literal('request'),
    ...trialLine,
    route: word,
    bytes: bytes.default(0),
    key,
    status: z.number().int(),
    durationUs: z.number().nonnegative(),
    heap: heapSchema.nullish(),
  }),
  samples: z
    .object({
      type: z.literal('samples'),
      ...trialLine,
      at: readings(() => true),
      usage: readings((value) => value >= 0),
    })
    .refine(({ at, usage }) => at.length === usage.length),
  gc: z.object({
    type: z.literal('gc'),
    ...trialLine,
    n: bytes,
    forced: z.boolean().default(false),
    goalBytes: bytes.nullable(),
  }),
  listening: z.object({ type: z.literal('listening'), ...trialLine, address: word }),
  'trial-end': z.object({
    type: z.literal('trial-end'),
    ...trialLine,
    exit: exitSchema,
    counters,
    peakBytes: counter,
    durationUs: z.number().nonnegative(),
    lastStep: word.nullable().default(null),
    verdict: verdictSchema,
    reason: prose,
    /** What a reader of the reason would otherwise overlook. */
    remark: prose.nullable().default(null),
    load: loadSchema.nullable().default(null),
  }),
  note: z.object({ type: z.literal('note'), t: microseconds, message: prose }),
  end: z.object({
    type: z.literal('end'),
    t: microseconds,
    reason: z.enum(['complete', 'stopped', 'timeout', 'failed']),
    error: z.object({ code: word, message: prose, hint: prose.nullish() }).nullish().default(null),
  }),
} as const;

type FlatLine = NonNullable<ReturnType<(typeof flatLines)[keyof typeof flatLines]>>;
export type JournalLine = FlatLine | z.infer<(typeof lines)[keyof typeof lines]>;
export type HeaderLine = z.infer<(typeof lines)['journal']>;
export type TrialStartLine = z.infer<(typeof lines)['trial-start']>;
export type TrialEndLine = z.infer<(typeof lines)['trial-end']>;
/** A line of one trial. */
export type TrialLine = Extract<JournalLine, { trial: number }>;

/** A line that is no JSON object, or whose type is known and whose keys are wrong: said, never guessed at. */
export interface DamagedLine {
  readonly type: 'damaged';
}

/** A line of a type that this version does not know: passed over, as docs/wire.md asks of readers. */
export interface UnknownLine {
  readonly type: 'unknown';
}

export type ReadLine = JournalLine | DamagedLine | UnknownLine;

const typed = flat({ type: text(Number.POSITIVE_INFINITY) });

/** One line of the journal, as it was written. */
export function parseJournalLine(text: string): ReadLine {
  const value = parseJson(text);
  const type = typed(value)?.type;
  if (type === undefined) return { type: 'damaged' };
  if (has(flatLines, type)) return flatLines[type](value) ?? { type: 'damaged' };
  if (has(lines, type)) return lines[type].safeParse(value).data ?? { type: 'damaged' };
  return { type: 'unknown' };
}

function has<T extends object>(all: T, key: PropertyKey): key is keyof T {
  return Object.hasOwn(all, key);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
