import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { GclabError } from '../errors.js';
import type * as z from '../zod.js';
import { isFolder } from './files/private-folder.js';
import { RECORD_FILE } from './record-folder.js';
import { recordSchema, runSchema } from './record-schema.js';
import { freshRecord, RUN_FILE, type RunDocument, type TargetRecord } from './run-folder.js';
import { computeTrials, countTrials, readTrials } from './trials.js';

/** A run without its trials: what is cheap to read of many. */
export interface RunHead extends Omit<RunDocument, 'targets'> {
  readonly targets: readonly TargetHead[];
}
export type TargetHead = Omit<TargetRecord, 'trials'>;

/** The run in this folder, or the one with this id below `out`; `unknown-run` where it is none. */
export async function readRun(nameOrFolder: string, out: string): Promise<RunDocument> {
  const folder = (await isFolder(nameOrFolder))
    ? resolve(nameOrFolder)
    : join(resolve(out), basename(nameOrFolder));
  return await withTrials(await readHead(folder));
}

/** The newest run below `out`. */
export async function readLatestRun(out: string): Promise<RunDocument> {
  const latest = (await runFolders(out))[0];
  if (latest === undefined) throw unknownRun(resolve(out), undefined);
  return await readRun(latest, dirname(out));
}

/** The runs below `out` that are as wanted, newest first. Folders that hold none are passed over. */
export async function* findRuns(
  out: string,
  isWanted: (head: RunHead) => Promise<boolean>,
): AsyncGenerator<RunHead> {
  for (const folder of await runFolders(out)) {
    const head = await readHead(folder).catch(() => undefined);
    if (head !== undefined && (await isWanted(head))) yield head;
  }
}

/** With its trials, as they were collected; those of a target that are not all there are computed from what is here of its journal. */
export async function withTrials(head: RunHead): Promise<RunDocument> {
  const { dir } = head.run;
  const collected = await readTrials(dir);
  const targets = await Promise.all(
    head.targets.map(async (record): Promise<TargetRecord> => {
      const trials = collected.get(record.id) ?? [];
      const isWhole = record.outcome !== null && trials.length >= record.counts.begun;
      if (isWhole || record.guest === null) return { ...record, trials };
      const computed = await computeTrials(dir, record.id, record.guest.run);
      return { ...record, ...countTrials(computed, head.settings) };
    }),
  );
  return { ...head, targets };
}

async function runFolders(out: string): Promise<string[]> {
  const names = await readdir(out).catch(() => []);
  const runs = names.filter((name) => /^\d{8}T\d{6}Z-/.test(name)).sort();
  return runs.reverse().map((name) => join(out, name));
}

/** A run that is not finished, or was cut, is put together from its parts. */
async function readHead(folder: string): Promise<RunHead> {
  try {
    const parsed = runSchema.parse(await readJson(join(folder, RUN_FILE)));
    const isFinished = parsed.run.finishedAt !== null;
    const targets = await Promise.all(
      parsed.targets.map((target) => (isFinished ? checked(target) : partOf(folder, parsed, target))),
    );
    // The folder may have been moved since: where it was read from is where it is.
    return { ...parsed, run: { ...parsed.run, dir: folder }, targets } as unknown as RunHead;
  } catch (cause) {
    throw unknownRun(folder, cause);
  }
}

type Read = z.infer<typeof runSchema>;
type ReadTarget = Read['targets'][number];

function checked(target: ReadTarget): TargetHead {
  return recordSchema.parse(target) as unknown as TargetHead;
}

/** A target whose record is not there yet, or is not of this run, is as far as the document says. */
async function partOf(folder: string, { run, settings }: Read, target: ReadTarget): Promise<TargetHead> {
  const { trials: _, ...fresh } = freshRecord(target as TargetHead, settings.trials);
  const known = { ...fresh, ...target } as TargetHead;
  const written = await readJson(join(folder, target.id, RECORD_FILE)).catch(() => undefined);
  const record = recordSchema.safeParse(written);
  if (!record.success || record.data.id !== target.id || record.data['run'] !== run.id) return known;
  const { run: _run, ...rest } = record.data;
  return { ...known, ...rest } as unknown as TargetHead;
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'));
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
