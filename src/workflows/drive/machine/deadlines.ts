/** How long each thing may take, in milliseconds, and what people are told is waited for. docs/driving.md has the same table. */
export const DEADLINES = {
  /** From where the journal says that the program listens to a connection to it. */
  open: { ms: 10_000, waitsFor: 'a connection to the program' },
  answer: { ms: 30_000, waitsFor: "the program's answer" },
  /** A connection that closed says little: the journal shows whether the program ended. */
  'end-shows': { ms: 10_000, waitsFor: "the program's end to show in the journal" },
  'catch-up': { ms: 30_000, waitsFor: 'what happened while the line was down' },
  /** Quitting: for somebody at a terminal, and for steps that nobody looks at. */
  'quit-session': { ms: 5_000, waitsFor: 'the program to say that it ends' },
  'quit-steps': { ms: 30_000, waitsFor: 'the program to say that it ends' },
  /** It said so, and is one exit away from it. */
  exit: { ms: 10_000, waitsFor: 'the program to end' },
  finish: { ms: 20_000, waitsFor: 'the last lines of the run' },
  stop: { ms: 5_000, waitsFor: 'the supervisor to stop the run' },
} as const;

export type DeadlineName = keyof typeof DEADLINES;

/** A time that runs from when it first stands in a state until it no longer does. `wait` and `until` are as long as a step says. */
export interface Deadline<Name extends string = DeadlineName | 'wait' | 'until'> {
  readonly name: Name;
  readonly ms: number;
}

export function deadline<Name extends DeadlineName>(name: Name): Deadline<Name> {
  return { name, ms: DEADLINES[name].ms };
}

/** What was waited for in vain, and how long. */
export function notWithin(name: DeadlineName): string {
  const { ms, waitsFor } = DEADLINES[name];
  return `waited ${ms / 1_000} s for ${waitsFor}`;
}
