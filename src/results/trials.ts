import { join } from 'node:path';
import { readRunState } from '../journal/read.js';
import { type TrialCounts, type TrialRow, trialRowSchema } from '../journal/trial/row.js';
import { type Verdict, verdictOf } from '../journal/verdict.js';
import type { Settings } from '../model.js';
import * as z from '../zod.js';
import { readNdjson } from './files/ndjson-file.js';
import { replaceFile } from './files/replace-file.js';

export const TRIALS_FILE = 'trials.ndjson';

/** A line of `trials.ndjson`. */
const lineSchema = trialRowSchema.extend({ run: z.string(), target: z.string() });
type TrialLine = z.infer<typeof lineSchema>;

/** Of one target, as lines. */
export function trialLines(run: string, target: string, rows: readonly TrialRow[]): TrialLine[] {
  return rows.map((row) => ({ run, target, ...row }));
}

/** The rows of each target, by its id, as they were computed when its journal was collected. A line that is none is passed over. */
export async function readTrials(dir: string): Promise<ReadonlyMap<string, readonly TrialRow[]>> {
  const rows = new Map<string, TrialRow[]>();
  for (const { run: _, target, ...row } of await readLines(dir)) {
    const known = rows.get(target) ?? [];
    rows.set(target, known);
    known.push(row);
  }
  return rows;
}

/** The rows of one target, computed from its journal; none where that is of another run. */
export async function computeTrials(
  dir: string,
  target: string,
  runName: string,
): Promise<readonly TrialRow[]> {
  const state = await readRunState(join(dir, target, 'journal.ndjson'));
  return state.header?.run === runName ? state.rows() : [];
}

/** Takes out the rows of targets that are to be computed anew. */
export async function dropTrials(dir: string, targets: ReadonlySet<string>): Promise<void> {
  const lines = await readLines(dir);
  const kept = lines.filter(({ target }) => !targets.has(target));
  if (kept.length === lines.length) return;
  await replaceFile(join(dir, TRIALS_FILE), kept.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

/** What a target's trials come to. */
export interface Counted {
  readonly trials: readonly TrialRow[];
  readonly counts: TrialCounts;
  /** Null where no trial has begun. */
  readonly verdict: Verdict | null;
}

/** Pure: counts, and the verdict. The built-in sequence collects in every other trial: those are counted apart. */
export function countTrials(
  trials: readonly TrialRow[],
  { trials: wanted, mode, scenario }: Pick<Settings, 'trials' | 'mode' | 'scenario'>,
): Counted {
  const finished = trials.filter(({ verdict }) => verdict !== null).length;
  const isMixed = mode === 'interactive' && scenario === undefined;
  return {
    trials,
    counts: { wanted, begun: trials.length, finished },
    verdict: trials.length === 0 ? null : verdictOf(trials, wanted, isMixed),
  };
}

async function readLines(dir: string): Promise<TrialLine[]> {
  return (await readNdjson(join(dir, TRIALS_FILE))).flatMap((value) => {
    const line = lineSchema.safeParse(value);
    return line.success ? [line.data] : [];
  });
}
