import type { Readable, Writable } from 'node:stream';

/** How a command ended: with a status, or with its connection and so without one. */
export type Ending =
  | { readonly kind: 'exit'; readonly exitCode: number | null; readonly signal: string | null }
  | { readonly kind: 'lost'; readonly cause?: unknown };

/** A started command, wherever it runs. ssh channel, child of `ssh`, and local child all look like this. */
export interface Process {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles, never rejects, once the command is gone and its output was read. */
  readonly ended: Promise<Ending>;
  /** Closes its stdin and no longer listens; what is not ssh ends of that, or not. */
  close(): void;
  /** Ends it as far as that can be done: closes the channel, or kills the local process group. */
  kill(): void;
}

/** What a command gets on its stdin: nothing, something that is there already, or what comes while it runs. */
export type Input = 'nothing' | 'given' | 'streamed';

/**
 * Starts a command; rejects with a GclabError where it cannot be started. `signal` gives up waiting for that.
 * What is written to its stdin reaches it whole, whatever the login shell does first.
 */
export type Spawn = (argv: readonly string[], signal: AbortSignal, input: Input) => Promise<Process>;
