import { GclabError } from '../errors.js';
import type { JournalLine } from '../experiment/journal.js';
import { driveSequence } from '../experiment/sequence.js';
import type { Trial } from '../model.js';
import type { Driver, Seat } from './driver.js';
import { listeningPort, openClient } from './open-client.js';

/** Drives the built-in sequence against each interactive trial as it begins to listen. */
export class SequenceDriver implements Driver {
  readonly wantsPast = false;
  readonly #finished = new Set<number>();
  readonly #under: Promise<void>[] = [];
  readonly #failed = new AbortController();
  readonly #ended = new AbortController();

  constructor(private readonly seat: Seat) {}

  /** Aborts, with the error as its reason, when a sequence could not be driven: the run has to stop then. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  onLine(line: JournalLine): void {
    if (line.type === 'listening') this.#under.push(this.#drive(line.trial, listeningPort(line)));
  }

  onConnected(): void {}

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

  async #drive(trial: number, port: number): Promise<void> {
    const { settings, phases } = this.seat;
    const { client, close } = openClient(this.seat, port, this.#ended.signal);
    // Odd trials go without a collection, even ones with, unless --gc asks for it always.
    const gc = settings.gc || trial % 2 === 0;
    try {
      await driveSequence(client, { limitBytes: settings.limitBytes, gc }, (step) =>
        phases.progress(`trial ${trial} (${gc ? 'with' : 'without'} gc): ${step}`),
      );
      this.#finished.add(trial);
    } catch (error) {
      // Whether a program that is gone was OOM-killed is for its counters to say: the journal has them.
      if (error instanceof GclabError && (error.code === 'program-gone' || error.code === 'interrupted'))
        return;
      this.#failed.abort(error);
    } finally {
      close();
    }
  }
}
