import { GclabError } from '../errors.js';
import { ExperimentClient } from '../experiment/client.js';
import { driveSequence } from '../experiment/sequence.js';
import type { Guest, Trial } from '../model.js';
import { TunnelAgent } from '../transport/tunnel.js';
import type { Phases } from './phases.js';
import type { RunRequest } from './run-request.js';

const REQUEST_TIMEOUT_MS = 30_000;

/** Drives the built-in sequence against each interactive trial as it begins to listen. */
export class SequenceDriver {
  readonly #finished = new Set<number>();
  readonly #under: Promise<void>[] = [];
  readonly #failed = new AbortController();
  readonly #ended = new AbortController();

  /** `guest` gives the connection there is at the moment. */
  constructor(
    private readonly guest: () => Guest,
    private readonly request: RunRequest,
    private readonly target: string,
    private readonly phases: Phases,
  ) {}

  /** Aborts, with the error as its reason, when a sequence could not be driven: the run has to stop then. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  drive(trial: number): void {
    this.#under.push(this.#drive(trial));
  }

  /** A trial that lived through half a sequence has not survived the experiment. */
  qualify(trials: readonly Trial[]): readonly Trial[] {
    return trials.map((trial) =>
      trial.verdict !== 'survived' || this.#finished.has(trial.index)
        ? trial
        : { ...trial, verdict: 'inconclusive', reason: 'the sequence did not get to its end' },
    );
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await Promise.all(this.#under);
  }

  async #drive(trial: number): Promise<void> {
    const { settings, signal } = this.request;
    const agent = new TunnelAgent(this.guest, {});
    const client = new ExperimentClient({
      agent,
      port: settings.port,
      target: this.target,
      timeoutMs: REQUEST_TIMEOUT_MS,
      signal: AbortSignal.any([signal, this.#ended.signal]),
    });
    // Odd trials go without a collection, even ones with, unless --gc asks for it always.
    const gc = settings.gc || trial % 2 === 0;
    try {
      await driveSequence(client, { limitBytes: settings.limitBytes, gc }, (step) =>
        this.phases.progress(`trial ${trial} (${gc ? 'with' : 'without'} gc): ${step}`),
      );
      this.#finished.add(trial);
    } catch (error) {
      // Whether a program that is gone was OOM-killed is for its counters to say: the journal has them.
      if (error instanceof GclabError && (error.code === 'program-gone' || error.code === 'interrupted'))
        return;
      this.#failed.abort(error);
    } finally {
      agent.destroy();
    }
  }
}
