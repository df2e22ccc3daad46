import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { GclabError } from '../errors.js';
import type { RunDocument } from './run-folder.js';

/** What `attach` relies on in a run.json; everything else is taken along as it is. */
const documentSchema = z.looseObject({
  schema: z.literal(1),
  run: z.looseObject({
    id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
    dir: z.string(),
    keeper: z
      .object({ host: z.string(), pid: z.number().int().positive(), since: z.string() })
      .nullable()
      .default(null),
  }),
  settings: z.looseObject({
    trials: z.number(),
    limitBytes: z.number(),
    mode: z.enum(['self', 'interactive', 'scenario']),
  }),
  targets: z.array(
    z.looseObject({
      target: z.string(),
      folder: z.string().regex(/^[A-Za-z0-9_@:-][A-Za-z0-9._@:-]{0,120}$/),
      // Absent in runs made before it was kept, when none could be attached to on a VM.
      vm: z.boolean().default(false),
      outcome: z.string().nullable(),
      guest: z
        .looseObject({ dir: z.string(), gcexp: z.string(), privilege: z.string(), left: z.boolean() })
        .nullable(),
    }),
  ),
});

/** The run in this folder, or the one with this id below `out`; `unknown-run` where it is none. */
export async function readRun(nameOrFolder: string, out: string): Promise<RunDocument> {
  const folder = (await isFolder(nameOrFolder))
    ? resolve(nameOrFolder)
    : join(resolve(out), basename(nameOrFolder));
  try {
    const parsed = documentSchema.parse(JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')));
    // The folder may have been moved since: where it was read from is where it is.
    const document = { ...parsed, run: { ...parsed.run, dir: folder } };
    return document as unknown as RunDocument;
  } catch (cause) {
    throw unknownRun(folder, cause);
  }
}

/** The newest run below `out`. */
export async function readLatestRun(out: string): Promise<RunDocument> {
  const names = await readdir(out).catch(() => []);
  const latest = names
    .filter((name) => /^\d{8}T\d{6}Z-/.test(name))
    .sort()
    .at(-1);
  if (latest === undefined) throw unknownRun(resolve(out), undefined);
  return await readRun(join(out, latest), dirname(out));
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function unknownRun(folder: string, cause: unknown): GclabError {
  return new GclabError({
    code: 'unknown-run',
    doing: 'reading a run',
    what: `${folder} holds no run that can be read`,
    hint: 'name the folder of a run, or its id with --out naming where results are',
    cause,
  });
}
