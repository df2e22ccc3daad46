import { Collection } from '../experiment/collection.js';
import { followRun } from '../experiment/follow.js';
import type { GuestFolder } from '../experiment/guest-folder.js';
import type { JournalLine } from '../experiment/journal.js';
import { readJournal } from '../experiment/read-journal.js';
import { collects, sequenceOf } from '../experiment/sequence.js';
import type { Step } from '../experiment/steps/step.js';
import type { Target, Trial } from '../model.js';
import { nameOnGuest, type RunFolder } from '../results/run-folder.js';
import type { Connection } from '../transport/connection.js';
import { formatBytes } from '../units.js';
import type { Driver, Seat } from './driver.js';
import type { Phases } from './phases.js';
import type { RunRequest } from './run-request.js';
import { StepsDriver } from './steps-driver.js';

/** The middle of a run: started on the guest, followed to its end, collected; driven too in the interactive mode. */
export class Following {
  #connection: Connection | undefined;
  #folder: GuestFolder | undefined;
  readonly #driver: Driver | undefined;
  /** Then there was nothing left to fail. */
  #isComplete = false;

  constructor(
    private readonly target: Target,
    private readonly request: RunRequest,
    private readonly results: RunFolder,
    private readonly phases: Phases,
  ) {
    if (request.settings.mode === 'interactive') {
      const seat = this.#seat();
      const isCollected = (trial: number): boolean => collects(trial, request.settings.gc);
      const stepsOf = (trial: number): readonly Step[] => sequenceOf(isCollected(trial));
      const sequence = { name: 'sequence', stepsOf, isCollected } as const;
      this.#driver = request.driver?.(seat) ?? new StepsDriver(seat, sequence);
    }
  }

  /** Without a configuration the run is there already. */
  async toEnd(connection: Connection, folder: GuestFolder, configuration: string | undefined): Promise<void> {
    const { request, phases } = this;
    const collection = await this.#openCollection();
    this.#connection = connection;
    this.#folder = folder;
    this.#driver?.onConnected();
    if (configuration === undefined && this.#driver?.wantsPast === true) await this.#replay(this.#driver);
    phases.begin(configuration === undefined ? 'follow' : 'start');
    try {
      await followRun(connection, {
        folder,
        runId: nameOnGuest(this.results.document, this.target.name),
        ...(configuration === undefined ? {} : { configuration }),
        collection,
        onLine: (line) => this.#onLine(line),
        onReconnected: () => this.#driver?.onConnected(),
        signal:
          this.#driver === undefined
            ? request.signal
            : AbortSignal.any([request.signal, this.#driver.failed]),
      });
      if (!this.#isComplete) this.#driver?.failed.throwIfAborted();
      phases.end(true, 'the supervisor is done');
      const size = (): string => `${formatBytes(collection.offsetOf('journal'))} of journal`;
      await phases.run('collect', () => collection.sync(), size);
    } catch (error) {
      phases.end(false, error instanceof Error ? error.message : String(error));
      throw error;
    } finally {
      await this.#driver?.close();
      await collection.close();
    }
  }

  /** The trials, less what the driver could not finish. */
  qualify(trials: readonly Trial[]): readonly Trial[] {
    return this.#driver?.qualify(trials) ?? trials;
  }

  #openCollection(): Promise<Collection> {
    const file = (name: string): string => this.results.pathOf(this.target.name, name);
    return Collection.open(this.target.name, {
      journal: file('journal.ndjson'),
      log: file('experiment.log'),
      kernel: file('kernel.log'),
    });
  }

  async #replay(driver: Driver): Promise<void> {
    for await (const line of readJournal(this.results.pathOf(this.target.name, 'journal.ndjson'))) {
      driver.onLine(line);
    }
  }

  #onLine(line: JournalLine): void {
    const { settings } = this.request;
    this.#driver?.onLine(line);
    switch (line.type) {
      case 'journal':
        this.phases.end(
          true,
          `${line.host.goVersion}, kernel ${line.host.kernel}, cgroup ${line.host.cgroup}`,
        );
        this.phases.begin('follow');
        break;
      case 'trial-end':
        this.phases.progress(`trial ${line.trial} of ${settings.trials}: ${line.verdict}`);
        break;
      case 'end':
        this.#isComplete = line.reason === 'complete';
        break;
      default:
        break;
    }
  }

  #seat(): Seat {
    const { settings, signal } = this.request;
    const known = <T>(value: T | undefined): T => {
      if (value === undefined) throw new Error('driven before it was connected');
      return value;
    };
    return {
      target: this.target.name,
      settings,
      signal,
      phases: this.phases,
      guest: () => known(this.#connection).guest,
      folder: () => known(this.#folder),
    };
  }
}
