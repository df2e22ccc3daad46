import type { ScenarioExpectation, ScenarioPeak, Trial } from '../../model.js';
import { formatBytes, parseSize } from '../../units.js';

/** `30MiB`, or a share of the hard limit: `95%`. */
export function peakOf(written: string | number): ScenarioPeak {
  const percent = /^([\d.]+)%$/.exec(String(written))?.[1];
  return percent === undefined ? { bytes: parseSize(String(written)) ?? 0 } : { percent: Number(percent) };
}

/** What does not hold of these trials, a sentence each; none where all of it holds. */
export function brokenExpectations(
  expect: ScenarioExpectation,
  trials: readonly Trial[],
  limitBytes: number,
): string[] {
  return trials.flatMap((trial) =>
    brokenBy(expect, trial, limitBytes).map((what) => `trial ${trial.index}: ${what}`),
  );
}

function brokenBy(expect: ScenarioExpectation, trial: Trial, limitBytes: number): string[] {
  return [
    verdictBroken(expect, trial),
    stepBroken(expect, trial),
    peakBroken(expect, trial, limitBytes),
    gcsBroken(expect, trial),
  ].filter((what) => what !== undefined);
}

function verdictBroken({ verdict }: ScenarioExpectation, trial: Trial): string | undefined {
  if (verdict === null || trial.verdict === verdict) return undefined;
  return `expected ${verdict}, it is ${trial.verdict}`;
}

function stepBroken({ killedAtStep }: ScenarioExpectation, trial: Trial): string | undefined {
  if (killedAtStep === null || trial.verdict !== 'oom-killed' || trial.atStep === killedAtStep)
    return undefined;
  return `expected to be killed in step ${killedAtStep}, it was in step ${trial.atStep ?? '?'}`;
}

function peakBroken(
  { peakBelow }: ScenarioExpectation,
  trial: Trial,
  limitBytes: number,
): string | undefined {
  if (peakBelow === null) return undefined;
  const below = 'bytes' in peakBelow ? peakBelow.bytes : Math.floor((limitBytes * peakBelow.percent) / 100);
  if (trial.peakBytes !== null && trial.peakBytes < below) return undefined;
  const was = trial.peakBytes === null ? 'is not known' : `was ${formatBytes(trial.peakBytes)}`;
  return `expected a peak below ${formatBytes(below)}, it ${was}`;
}

function gcsBroken({ gcsBetween }: ScenarioExpectation, trial: Trial): string | undefined {
  if (gcsBetween === null) return undefined;
  const [least, most] = gcsBetween;
  const gcs = trial.gcs ?? null;
  if (gcs !== null && gcs >= least && gcs <= most) return undefined;
  return `expected ${least} to ${most} collections, there were ${gcs ?? 'none counted'}`;
}
