import * as z from '../../zod.js';

/** The shape of a scenario's file. Sizes, times and steps are read further where they have a place to name. */
const size = z
  .union([z.int().positive(), z.string().regex(/^[0-9]+(\.[0-9]+)? ?[kKmMgGtT]?[iI]?[bB]?$/)])
  .describe('a size: 32MiB, 32M (binary), 32MB (decimal) or bytes');
const share = z
  .union([size, z.string().regex(/^[0-9]+(\.[0-9]+)?%$/)])
  .describe('a size, or a share of the hard limit such as 90%');
const time = z
  .string()
  .regex(/^[0-9]+(\.[0-9]+)?(ms|s|m|h)$/)
  .describe('a time: 250ms, 10s, 5m');

const settings = z
  .strictObject({
    limit: size.describe('the hard memory limit of the cgroup; 32MiB where it is left out').optional(),
    gogc: z
      .union([z.int().nonnegative(), z.literal('off')])
      .describe('GOGC of the program')
      .optional(),
    gomemlimit: z
      .union([size, z.literal('off')])
      .describe('GOMEMLIMIT of the program: the soft limit')
      .optional(),
    sampleHz: z.int().min(0).max(10_000).describe('samples of the usage per second; 0 is off').optional(),
    timeout: time.describe('how long all of its trials may take').optional(),
    env: z
      .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.union([z.string(), z.number()]))
      .describe("more of the program's environment")
      .optional(),
  })
  .describe('the experiment that the steps are done in; a flag of the command line goes before');

const expectation = z
  .strictObject({
    verdict: z.enum(['survived', 'oom-killed']).describe('how every trial ends').optional(),
    killedAtStep: z
      .int()
      .positive()
      .describe('every trial is OOM-killed in this step of the list')
      .optional(),
    peakBelow: share.describe('the highest usage of every trial is below this').optional(),
    gcsBetween: z
      .tuple([z.int().nonnegative(), z.int().nonnegative()])
      .describe('every trial has at least and at most so many collections')
      .optional(),
  })
  .describe('what has to hold of every trial; gclab exits 6 where it does not');

const step = z.string().min(1).max(16_384);

export const scenarioSchema = z
  .strictObject({
    name: z.string().min(1).max(60).optional(),
    about: z.string().max(2_000).describe('what it shows and what to expect').optional(),
    settings: settings.optional(),
    steps: z
      .union([step, z.array(step).min(1).max(500)])
      .describe(
        'add SIZE, rel SIZE, gc, stats, reset, cache SIZE, wait TIME, repeat N { … }, until METRIC < SIZE within TIME',
      ),
    expect: expectation.optional(),
  })
  .meta({
    title: 'A scenario of gclab',
    description: 'Steps that drive the heap of a Go program under a memory limit',
  });

export type ScenarioFile = z.infer<typeof scenarioSchema>;

/** The JSON Schema that editors complete scenarios with. */
export function scenarioJsonSchema(): object {
  return z.toJSONSchema(scenarioSchema, { io: 'input', target: 'draft-7' });
}
