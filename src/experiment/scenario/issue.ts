import { nearest } from '../../nearest.js';
import type * as z from '../../zod.js';

type Issue = z.core.$ZodIssue;

const KEYS = [
  'name',
  'about',
  'settings',
  'steps',
  'expect',
  'limit',
  'gogc',
  'gomemlimit',
  'sampleHz',
  'timeout',
  'env',
  'verdict',
  'killedAtStep',
  'peakBelow',
  'gcsBetween',
];

/** What is wrong with a scenario's shape, in words, and the path to it. */
export function describeIssue(
  issues: readonly Issue[],
  value: unknown,
): { path: readonly PropertyKey[]; what: string; hint?: string; isKey?: true } {
  // A misspelt key is why the right one is missing.
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  if (issue === undefined) return { path: [], what: 'it is no scenario' };
  const name = issue.path.map(String).join('.') || 'the scenario';
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const meant = nearest(key, KEYS);
    const path = [...issue.path, key];
    return {
      path,
      isKey: true,
      what: `there is no ${JSON.stringify(key)} here`,
      ...(meant === undefined ? {} : { hint: `did you mean ${meant}?` }),
    };
  }
  if (isMissing(issue, value)) return { path: issue.path, what: `${name} is missing` };
  if (issue.code === 'invalid_union') {
    return {
      path: issue.path,
      what: `${name} has a value that cannot be used (${shown(value, issue.path)})`,
    };
  }
  return { path: issue.path, what: `${name}: ${issue.message.replace(/^Invalid input: /, '')}` };
}

function isMissing(issue: Issue, value: unknown): boolean {
  return issue.path.length > 0 && valueAt(value, issue.path) === undefined;
}

function shown(value: unknown, path: readonly PropertyKey[]): string {
  return (JSON.stringify(valueAt(value, path)) ?? 'nothing').slice(0, 60);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );
}
