import type { TrialRow } from '../../journal/trial/row.js';
import type { ScenarioExpectation, ScenarioPeak } from '../../model.js';
import { formatBytes, parseSize } from '../../units.js';

/** `30MiB`, or a share of the hard limit: `95%`. */
export function peakOf(written: string | number): ScenarioPeak {
  const percent = /^([\d.]+)%$/.exec(String(written))?.[1];
  return percent === undefined ? { bytes: parseSize(String(written)) ?? 0 } : { percent: Number(percent) };
}

/** What does not hold of these trials, a sentence each; none where all of it holds. */
export function brokenExpectations(
  expect: ScenarioExpectation,
  trials: readonly TrialRow[],
  limitBytes: number,
): string[] {
  return trials.flatMap((trial) =>
    brokenBy(expect, trial, limitBytes).map((what) => `trial ${trial.trial}: ${what}`),
  );
}

function brokenBy(expect: ScenarioExpectation, trial: TrialRow, limitBytes: number): string[] {
  return [
    verdictBroken(expect, trial),
    stepBroken(expect, trial),
    peakBroken(expect, trial, limitBytes),
    gcsBroken(expect, trial),
  ].filter((what) => what !== undefined);
}

function verdictBroken({ verdict }: ScenarioExpectation, trial: TrialRow): string | undefined {
  if (verdict === null || trial.verdict === verdict) return undefined;
  return `expected ${verdict}, it is ${trial.verdict ?? 'not finished'}`;
}

function stepBroken({ killedAtStep }: ScenarioExpectation, trial: TrialRow): string | undefined {
  if (killedAtStep === null || trial.verdict !== 'oom-killed' || trial.atStep === killedAtStep)
    return undefined;
  return `expected to be killed in step ${killedAtStep}, it was in step ${trial.atStep ?? '?'}`;
}

function peakBroken(
  { peakBelow }: ScenarioExpectation,
  trial: TrialRow,
  limitBytes: number,
): string | undefined {
  if (peakBelow === null) return undefined;
  const below = 'bytes' in peakBelow ? peakBelow.bytes : Math.floor((limitBytes * peakBelow.percent) / 100);
  if (trial.peakBytes !== null && trial.peakBytes < below) return undefined;
  const was = trial.peakBytes === null ? 'is not known' : `was ${formatBytes(trial.peakBytes)}`;
  return `expected a peak below ${formatBytes(below)}, it ${was}`;
}

function gcsBroken({ gcsBetween }: ScenarioExpectation, trial: TrialRow): string | undefined {
  if (gcsBetween === null) return undefined;
  const [least, most] = gcsBetween;
  const { gcs } = trial;
  if (gcs !== null && gcs >= least && gcs <= most) return undefined;
  return `expected ${least} to ${most} collections, there were ${gcs ?? 'none counted'}`;
}
