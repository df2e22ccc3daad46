/**
 * Objects of plain values, read in one go: a journal consists of such lines for the most part, and a schema for each value costs
 * ten times as much.
 */
import * as z from '../zod.js';

/** What stands for a value; undefined where it is wrong. Of a key that is missing the value is undefined. */
export type Reading<T> = (value: unknown) => T | undefined;

/** An object that has these; keys that are not named are left out. */
export function flat<const T extends object>(keys: { readonly [K in keyof T]: Reading<T[K]> }): Reading<T> {
  const names = Object.keys(keys);
  const readings = Object.values<Reading<unknown>>(keys);
  return (value) => {
    if (typeof value !== 'object' || value === null) return undefined;
    const found: Record<string, unknown> = {};
    // By index: an iterator gives an object for each turn, and this is what takes most turns of all.
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index] as string;
      const one = readings[index]?.(
        Object.hasOwn(value, name) ? value[name as keyof typeof value] : undefined,
      );
      if (one === undefined) return undefined;
      found[name] = one;
    }
    return found as T;
  };
}

/** The same for what asks for a schema. */
export function schemaOf<T>(reading: Reading<T>): z.ZodType<T> {
  return z.unknown().transform((value, context): T => {
    const read = reading(value);
    if (read !== undefined) return read;
    context.addIssue({ code: 'custom', input: value });
    return z.NEVER;
  });
}

export function only<const T extends string>(text: T): Reading<T> {
  return (value) => (value === text ? text : undefined);
}

/** Whole, and small enough for a double to hold it exactly. */
export function whole(min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): Reading<number> {
  return (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max
      ? value
      : undefined;
}

export function text(maxLength: number): Reading<string> {
  return (value) => (typeof value === 'string' && value.length <= maxLength ? value : undefined);
}

/** For a key that may be missing. */
export function orElse<T>(reading: Reading<T>, missing: T): Reading<T> {
  return (value) => (value === undefined ? missing : reading(value));
}

export function orNull<T>(reading: Reading<T>): Reading<T | null> {
  return (value) => (value === null || value === undefined ? null : reading(value));
}

/** For a value that nothing hangs on where it is wrong. */
export function ifRight<T>(reading: Reading<T>): Reading<T | null> {
  return (value) => reading(value) ?? null;
}
