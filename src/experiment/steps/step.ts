import type { Metric } from '../../journal/trial/figures.js';

/** The step language's words as types. One parser makes them, for the session and for scenarios alike. */

/** Where something stands in the text, both counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A size in bytes. */
export interface Size {
  readonly bytes: number;
}

/** As people write a size: so many bytes, or a share of the hard limit (`90%`), known once the limit is. */
export type Amount = Size | { readonly percent: number };

export const COMPARISONS = ['<', '<=', '>', '>=', '=='] as const;
export type Comparison = (typeof COMPARISONS)[number];

export interface Condition<A = Amount> {
  readonly metric: Metric;
  readonly is: Comparison;
  /** Bytes; a plain count where the metric is `numGC`. */
  readonly than: A;
}

/** A step that does one thing. `PlainStep<Size>` has its sizes decided: what is done, here or on a guest. */
export type PlainStep<A = Amount> =
  /** A slab of its own, every page touched; with `of` it is made of objects of that size instead. */
  | { readonly do: 'add'; readonly amount: A; readonly of?: A }
  | { readonly do: 'rel'; readonly amount: A }
  /** Writes and reads a file of that size: page cache that the cgroup is charged for. */
  | { readonly do: 'cache'; readonly amount: A }
  | { readonly do: 'gc' }
  | { readonly do: 'stats' }
  | { readonly do: 'reset' }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'until'; readonly condition: Condition<A>; readonly withinMs: number };

export type Step<A = Amount> =
  | PlainStep<A>
  | { readonly do: 'repeat'; readonly times: number; readonly steps: readonly Step<A>[] };

/** What only a session knows. */
export type SessionCommand =
  | { readonly do: 'env' }
  | { readonly do: 'again' }
  | { readonly do: 'help' }
  | { readonly do: 'quit' }
  | { readonly do: 'save'; readonly file: string };

export type Command = Step | SessionCommand;

/** Text that is no step: what is wrong, where, and what may have been meant. */
export class StepError extends Error {
  constructor(
    message: string,
    readonly place: Place,
    readonly hint: string,
  ) {
    super(message);
    this.name = 'StepError';
  }
}
