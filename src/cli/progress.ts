import type { Listener } from '../workflows/events.js';

/** Draws a workflow's events while it goes on, on stderr. */
export interface Progress {
  readonly listener: Listener;
  /** Draws the last state and lets go of the terminal. */
  finish(): Promise<void>;
  /** Lets go of the terminal for a question; `resume` goes on below the answer. */
  pause(): Promise<void>;
  resume(): void;
}
