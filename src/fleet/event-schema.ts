import * as z from '../zod.js';
import { PHASES } from './events.js';

/** Version of the lines of `events.ndjson`. */
export const EVENT_SCHEMA = 1;

const line = { schema: z.literal(EVENT_SCHEMA), at: z.iso.datetime({ precision: 3 }) };
const target = z.string();
const phase = z.enum(PHASES);

/** A line of `events.ndjson`: what happened, and when, in UTC by the controller's clock. Readers ignore keys that they do not know. */
export const eventSchema = z.discriminatedUnion('kind', [
  z.object({ ...line, kind: z.literal('run-started'), run: z.string(), gclab: z.string() }),
  z.object({ ...line, kind: z.literal('run-resumed'), run: z.string(), gclab: z.string() }),
  z.object({ ...line, kind: z.literal('run-finished'), run: z.string(), gclab: z.string() }),
  z.object({ ...line, kind: z.literal('phase-started'), target, phase }),
  z.object({
    ...line,
    kind: z.literal('phase-ended'),
    target,
    phase,
    ok: z.boolean(),
    detail: z.string(),
    durationMs: z.number().nonnegative(),
  }),
  z.object({
    ...line,
    kind: z.literal('trial-ended'),
    target,
    trial: z.number().int().positive(),
    wanted: z.number().int().positive(),
    verdict: z.string(),
  }),
  z.object({ ...line, kind: z.literal('note'), target, text: z.string() }),
  z.object({
    ...line,
    kind: z.literal('target-ended'),
    target,
    outcome: z.enum(['completed', 'not-ready', 'unreachable', 'failed', 'interrupted']),
    error: z.string().nullable(),
  }),
]);

export type LoggedEvent = z.infer<typeof eventSchema>;
