import type { ScenarioExpectation } from '../../model.js';
import { formatCount, parseDuration, parseSize } from '../../units.js';
import { overBudget } from '../steps/budget.js';
import { parseSteps } from '../steps/parse.js';
import { type Place, type Step, StepError } from '../steps/step.js';
import { peakOf } from './expectation.js';
import { describeIssue } from './issue.js';
import type { Scenario, ScenarioSettings } from './scenario.js';
import { type ScenarioFile, scenarioSchema } from './schema.js';
import { ScenarioSource } from './source.js';

/** Where a scenario says nothing of time. */
const USUAL_TIMEOUT_MS = 600_000;

/** Reads and checks a scenario before anything connects; throws `bad-scenario` with a line and a column. */
export function parseScenario(text: string, name: string): Scenario {
  const source = new ScenarioSource(name, text);
  const file = shapeOf(source);
  const settings = settingsOf(file, source);
  const steps = stepsOf(file, source);
  const over = overBudget(steps, settings.timeoutMs ?? USUAL_TIMEOUT_MS);
  if (over !== undefined) {
    throw source.error(
      over,
      source.placeOf(['steps']),
      'make it shorter, or give it more time with settings.timeout',
    );
  }
  return {
    name: file.name ?? name,
    about: (file.about ?? '').trim(),
    settings,
    steps,
    expect: expectationOf(file, source),
  };
}

function shapeOf(source: ScenarioSource): ScenarioFile {
  const parsed = scenarioSchema.safeParse(source.value);
  if (parsed.success) return parsed.data;
  const { path, what, hint, isKey } = describeIssue(parsed.error.issues, source.value);
  throw source.error(what, isKey === true ? source.keyPlaceOf(path) : source.placeOf(path), hint);
}

function settingsOf(file: ScenarioFile, source: ScenarioSource): ScenarioSettings {
  const { limit, gogc, gomemlimit, sampleHz, timeout, env } = file.settings ?? {};
  const size = (value: string | number, key: string): number => sizeAt(source, value, ['settings', key]);
  return {
    ...(limit === undefined ? {} : { limitBytes: size(limit, 'limit') }),
    ...(gogc === undefined ? {} : { gogc: String(gogc) }),
    ...(gomemlimit === undefined
      ? {}
      : { gomemlimit: gomemlimit === 'off' ? 'off' : String(size(gomemlimit, 'gomemlimit')) }),
    ...(sampleHz === undefined ? {} : { sampleHz }),
    ...(timeout === undefined ? {} : { timeoutMs: timeAt(source, timeout) }),
    ...(env === undefined
      ? {}
      : { env: Object.fromEntries(Object.entries(env).map(([key, value]) => [key, String(value)])) }),
  };
}

function sizeAt(source: ScenarioSource, value: string | number, path: readonly string[]): number {
  return parseSize(String(value)) ?? refuse(source, path, `${JSON.stringify(value)} is no size`);
}

function timeAt(source: ScenarioSource, value: string): number {
  const ms = parseDuration(value);
  return ms !== undefined && ms > 0
    ? ms
    : refuse(source, ['settings', 'timeout'], `${JSON.stringify(value)} is no time`);
}

function refuse(source: ScenarioSource, path: readonly string[], what: string): never {
  throw source.error(what, source.placeOf(path));
}

/** Steps stand in a list, or in one text; either way an error names its place in the file. */
function stepsOf(file: ScenarioFile, source: ScenarioSource): Step[] {
  if (typeof file.steps === 'string') return stepsAt(file.steps, source, ['steps']);
  return file.steps.flatMap((text, index) => {
    const steps = stepsAt(text, source, ['steps', index]);
    if (steps.length === 1) return steps;
    throw source.error(
      'one step belongs here',
      source.placeOf(['steps', index]),
      'begin a line of the list for each step',
    );
  });
}

function stepsAt(text: string, source: ScenarioSource, path: readonly PropertyKey[]): Step[] {
  try {
    const steps = parseSteps(text);
    if (steps.length > 0) return steps;
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    throw source.error(error.message, placeIn(error.place, source, path), error.hint);
  }
  throw source.error('there are no steps here', source.placeOf(path));
}

function placeIn(place: Place, source: ScenarioSource, path: readonly PropertyKey[]): Place {
  const start = source.textPlaceOf(path);
  if (place.line === 1) return { line: start.line, column: start.column + place.column - 1 };
  return { line: start.line + place.line - 1, column: source.indentOf(path) + place.column };
}

function expectationOf(file: ScenarioFile, source: ScenarioSource): ScenarioExpectation | null {
  if (file.expect === undefined) return null;
  const { verdict, killedAtStep, peakBelow, gcsBetween } = file.expect;
  if (killedAtStep !== undefined && verdict === 'survived') {
    throw source.error(
      'killed at a step and survived exclude each other',
      source.placeOf(['expect', 'killedAtStep']),
    );
  }
  const steps = typeof file.steps === 'string' ? undefined : file.steps.length;
  if (killedAtStep !== undefined && steps !== undefined && killedAtStep > steps) {
    throw source.error(
      `it has only ${formatCount(steps, 'step')}`,
      source.placeOf(['expect', 'killedAtStep']),
    );
  }
  return {
    verdict: killedAtStep === undefined ? (verdict ?? null) : 'oom-killed',
    killedAtStep: killedAtStep ?? null,
    peakBelow: peakBelow === undefined ? null : peakOf(peakBelow),
    gcsBetween: gcsBetween ?? null,
  };
}
