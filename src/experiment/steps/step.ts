/** The step language's words as types. One parser makes them, for the session and for scenarios alike. */

/** Where something stands in the text, both counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** So many bytes, or a share of the hard limit (`90%`), known once the limit is. */
export type Amount = { readonly bytes: number } | { readonly percent: number };

/** What a condition can look at; `usage` is what the cgroup is charged for, the others are the Go heap's. */
export const METRICS = [
  'heapAlloc',
  'heapInUse',
  'heapIdle',
  'heapReleased',
  'heapGoal',
  'sys',
  'usage',
  'numGC',
] as const;
export type Metric = (typeof METRICS)[number];

export const COMPARISONS = ['<', '<=', '>', '>=', '=='] as const;
export type Comparison = (typeof COMPARISONS)[number];

export interface Condition {
  readonly metric: Metric;
  readonly is: Comparison;
  /** Bytes; a plain count where the metric is `numGC`. */
  readonly than: Amount;
}

/** A step that does one thing. */
export type PlainStep =
  /** A slab of its own, every page touched; with `of` it is made of objects of that size instead. */
  | { readonly do: 'add'; readonly amount: Amount; readonly of?: Amount }
  | { readonly do: 'rel'; readonly amount: Amount }
  /** Writes and reads a file of that size: page cache that the cgroup is charged for. */
  | { readonly do: 'cache'; readonly amount: Amount }
  | { readonly do: 'gc' }
  | { readonly do: 'stats' }
  | { readonly do: 'reset' }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'until'; readonly condition: Condition; readonly withinMs: number };

export type Step =
  | PlainStep
  | { readonly do: 'repeat'; readonly times: number; readonly steps: readonly Step[] };

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
