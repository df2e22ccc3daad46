/** What a provider tells while it works; whoever draws decides how. */
export interface Progress {
  /** What is going on, as a participle: `downloading ubuntu:24.04`, `waiting for sshd`. */
  readonly doing: string;
  /** A detail for people: the choice that was made, the size, the time it took. */
  readonly detail?: string;
  /** Both are there where the end is known, in bytes. */
  readonly doneBytes?: number;
  readonly totalBytes?: number;
}

/** What comes with everything that takes time: how to give it up, and whom to tell how far it is. */
export interface Work {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}
