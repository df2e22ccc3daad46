import { stringify } from 'yaml';
import type { Settings } from '../../model.js';
import { formatAmount, formatStep, formatTime } from '../steps/format.js';
import type { Step } from '../steps/step.js';

/** A scenario's file with these steps, for the settings they were done in. */
export function writeScenario(
  name: string,
  about: string,
  settings: Settings,
  steps: readonly Step[],
): string {
  return stringify(
    { name, about, settings: settingsOf(settings), steps: steps.map(formatStep) },
    { lineWidth: 0 },
  );
}

/** What was done and when each began and ended, in microseconds of the guest's clock where that is known. */
export interface DoneStep {
  readonly step: Step;
  readonly beganAt: number | undefined;
  readonly endedAt: number | undefined;
}

/** Shorter pauses are a person's reflexes at most, and the guest's own. */
const LEAST_PAUSE_MS = 5;

/** The steps with the time that passed between them as waits; a wait that was asked for is part of that time. */
export function withPauses(done: readonly DoneStep[]): Step[] {
  const steps: Step[] = [];
  let endedAt: number | undefined;
  let askedMs = 0;
  for (const one of done) {
    if (one.step.do === 'wait') {
      askedMs += one.step.ms;
      continue;
    }
    const passedMs =
      endedAt === undefined || one.beganAt === undefined
        ? askedMs
        : Math.round((one.beganAt - endedAt) / 1_000);
    if (passedMs >= LEAST_PAUSE_MS) steps.push({ do: 'wait', ms: passedMs });
    steps.push(one.step);
    endedAt = one.endedAt;
    askedMs = 0;
  }
  return askedMs > 0 ? [...steps, { do: 'wait', ms: askedMs }] : steps;
}

function settingsOf(settings: Settings): Record<string, unknown> {
  const { limitBytes, gogc, gomemlimit, sampleHz, env } = settings;
  return {
    limit: formatAmount({ bytes: limitBytes }),
    ...(gogc === null ? {} : { gogc: gogc === 'off' ? 'off' : Number(gogc) }),
    ...(gomemlimit === null
      ? {}
      : { gomemlimit: gomemlimit === 'off' ? 'off' : formatAmount({ bytes: Number(gomemlimit) }) }),
    sampleHz,
    timeout: formatTime(settings.timeoutMs),
    ...(Object.keys(env).length === 0 ? {} : { env }),
  };
}
