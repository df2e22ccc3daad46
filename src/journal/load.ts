import * as z from '../zod.js';

/** Microseconds in which something (`some`) or everything (`full`) that could run had to wait; null: not told. */
const stall = z.object({
  someUs: z.number().nonnegative().nullable().default(null),
  fullUs: z.number().nonnegative().nullable().default(null),
});

/**
 * How busy the guest was while a trial ran, as differences of two readings of the kernel's counters. Null where the kernel
 * does not say. CPU times are of all CPUs together, in steps of 10 ms (`/proc/stat`); `stalled` is `/proc/pressure`.
 */
export const loadSchema = z.object({
  /** Between the two readings. */
  wallUs: z.number().nonnegative(),
  cpus: z.number().int().positive().nullable().default(null),
  cpuBusyUs: z.number().nonnegative().nullable().default(null),
  /** Taken by the hypervisor for others. */
  cpuStealUs: z.number().nonnegative().nullable().default(null),
  /** Of `cpuBusyUs`, what the trial's own process took. */
  processCpuUs: z.number().nonnegative().nullable().default(null),
  stalled: z
    .object({ cpu: stall.nullable(), memory: stall.nullable(), io: stall.nullable() })
    .nullable()
    .default(null),
  /** Threads that ran or could have run, the trial's own among them. */
  runnable: z
    .object({
      mean: z.number().nonnegative(),
      max: z.number().nonnegative(),
      samples: z.number().int().positive(),
    })
    .nullable()
    .default(null),
  /** Over the last minute, at the trial's end. */
  loadAverage: z.number().nonnegative().nullable().default(null),
});

export type Load = z.infer<typeof loadSchema>;
