import * as z from '../zod.js';

/** A folder's name that leads nowhere else (inventory/target-id.ts makes them). */
const id = z.string().regex(/^[a-z0-9_~][a-z0-9._@+~-]{0,150}$/);
const path = z.string().max(4_096);

/** A target as it was written down. */
export const targetSchema = z.looseObject({
  id,
  name: z.string().min(1).max(1_000),
  source: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('local') }),
    z.object({ kind: z.literal('host') }),
    z.object({ kind: z.literal('vm'), vm: z.string().max(100) }),
  ]),
  labels: z.record(z.string(), z.string()),
  ssh: z
    .object({
      host: z.string().min(1).max(1_000),
      user: z.string().max(1_000).nullable(),
      port: z.number().int().min(1).max(65_535).nullable(),
      configFile: path.nullable(),
    })
    .nullable(),
});

/** What `attach` relies on in a record; everything else is taken along as it is. */
export const recordSchema = targetSchema.extend({
  outcome: z.string().nullable(),
  guest: z
    .looseObject({
      dir: path.startsWith('/'),
      gcexp: path.startsWith('/'),
      privilege: z.enum(['root', 'sudo', 'sudo-password', 'none']),
      run: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/),
      left: z.boolean(),
    })
    .nullable(),
});

const ownerSchema = z.object({
  hostName: z.string(),
  boot: z.string().nullable(),
  pid: z.number().int().positive(),
  began: z.string().nullable(),
});

/** What `attach` relies on in a run.json. */
export const runSchema = z.looseObject({
  schema: z.literal(1),
  run: z.looseObject({
    id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
    dir: z.string(),
    finishedAt: z.string().nullable(),
    owner: ownerSchema.nullable(),
  }),
  settings: z.looseObject({
    trials: z.number(),
    limitBytes: z.number(),
    mode: z.enum(['self', 'interactive', 'scenario']),
  }),
  targets: z.array(targetSchema),
});
