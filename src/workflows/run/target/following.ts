import { Collection } from '../../../experiment/following/collection.js';
import { followRun } from '../../../experiment/following/follow.js';
import { collects, sequenceOf } from '../../../experiment/sequence.js';
import { stepsToDo } from '../../../experiment/steps/resolve.js';
import type { GuestFolder } from '../../../guest/folder.js';
import { readJournal } from '../../../journal/read.js';
import { RunState } from '../../../journal/run-state.js';
import type { HeaderLine, ReadLine } from '../../../journal/schema.js';
import type { TrialRow } from '../../../journal/trial/row.js';
import type { Connection } from '../../../transport/connection.js';
import { formatBytes } from '../../../units.js';
import type { DrivenTarget, Driver } from '../../drive/driver.js';
import { wrongJournal } from './end.js';
import type { RunTarget } from './run-target.js';

/** The middle of a run: started on the guest, followed to its end, collected; driven too in the interactive mode. */
export class Following {
  /** Then there was nothing left to fail. */
  #isComplete = false;
  #isCollected = false;
  #isRemoved = false;
  /** Of a run that was begun here, for as long as no line can have been missed. */
  #state: RunState | undefined;

  private constructor(
    private readonly one: RunTarget,
    private readonly connection: Connection,
    private readonly folder: GuestFolder,
    private readonly driver: Driver | undefined,
  ) {}

  static async of(one: RunTarget, connection: Connection, folder: GuestFolder): Promise<Following> {
    return new Following(one, connection, folder, await driverOf(one, connection, folder));
  }

  /** Whether all that the guest will ever have of the run is on the disk here. */
  get isCollected(): boolean {
    return this.#isCollected;
  }

  /** Whether the session that followed the run was seen to remove it from the guest. */
  get isRemoved(): boolean {
    return this.#isRemoved;
  }

  /** What the journal says, where all of it was read as it came: its end is only written behind everything else. */
  get state(): RunState | undefined {
    return this.#state?.end === null ? undefined : this.#state;
  }

  /** Without a configuration the run is there already. */
  async toEnd(configuration: string | undefined): Promise<void> {
    const { phases } = this.one;
    if (configuration !== undefined) this.#state = new RunState();
    const collection = await this.#openCollection();
    this.driver?.onConnected();
    if (configuration === undefined && this.driver?.wantsPast === true) await this.#replay(this.driver);
    phases.begin(configuration === undefined ? 'follow' : 'start');
    try {
      const { fault, isRemoved } = await this.#follow(collection, configuration);
      this.#isRemoved = isRemoved;
      const said = fault ?? this.#givenUp;
      if (!this.#isCollected) await this.#collect(collection, said);
      if (said !== undefined) throw said;
    } catch (error) {
      phases.end(false, error instanceof Error ? error.message : String(error));
      throw error;
    } finally {
      await this.driver?.close();
      await collection.close();
    }
  }

  async #collect(collection: Collection, said: Error | undefined): Promise<void> {
    const { phases } = this.one;
    phases.end(said === undefined, said === undefined ? 'the supervisor is done' : String(said.message));
    const size = (): string => `${formatBytes(collection.offsetOf('journal'))} of journal`;
    await phases.run('collect', () => collection.sync(), size);
    this.#isCollected = true;
  }

  /** The trials, less what the driver could not finish. */
  qualify(trials: readonly TrialRow[]): readonly TrialRow[] {
    return this.driver?.qualify(trials) ?? trials;
  }

  /** Why the driver had the run stopped; an interruption is told by how the journal ends. */
  get #givenUp(): Error | undefined {
    const isTold = this.#isComplete || this.one.request.signal.aborted;
    return isTold ? undefined : (this.driver?.stop.reason as Error | undefined);
  }

  #follow(collection: Collection, configuration: string | undefined): ReturnType<typeof followRun> {
    const { signal } = this.one.request;
    return followRun(this.connection, {
      folder: this.folder,
      runId: this.one.runName,
      ...(configuration === undefined ? {} : { configuration }),
      collection,
      onLine: (line) => this.#onLine(line),
      onReconnected: () => {
        this.#state = undefined;
        this.driver?.onConnected();
      },
      onEnd: () => this.#collect(collection, this.#givenUp),
      signal: this.driver === undefined ? signal : AbortSignal.any([signal, this.driver.stop]),
      leave: this.driver?.leave ?? new AbortController().signal,
    });
  }

  #openCollection(): Promise<Collection> {
    return Collection.open(this.one.target.name, {
      journal: this.one.pathOf('journal.ndjson'),
      log: this.one.pathOf('experiment.log'),
      kernel: this.one.pathOf('kernel.log'),
    });
  }

  async #replay(driver: Driver): Promise<void> {
    for await (const line of readJournal(this.one.pathOf('journal.ndjson'))) {
      if (line.type !== 'damaged' && line.type !== 'unknown') driver.onLine(line);
    }
  }

  #onLine(line: ReadLine): void {
    this.#state?.take(line);
    if (line.type === 'damaged' || line.type === 'unknown') return;
    this.driver?.onLine(line);
    switch (line.type) {
      case 'journal':
        this.#onHeader(line);
        break;
      case 'trial-end':
        this.#onTrialEnd(line.trial, line.verdict);
        break;
      case 'end':
        this.#isComplete = line.reason === 'complete';
        break;
      default:
        break;
    }
  }

  #onHeader({ run, host }: HeaderLine): void {
    const { phases, runName } = this.one;
    if (run !== runName) throw wrongJournal(this.one, run);
    phases.end(true, `${host.goVersion}, kernel ${host.kernel}, cgroup ${host.cgroup}`);
    phases.begin('follow');
  }

  #onTrialEnd(trial: number, verdict: string): void {
    const { target, request } = this.one;
    const wanted = request.settings.trials;
    request.listener({ kind: 'trial-ended', target: target.id, trial, wanted, verdict });
  }
}

/** Who drives the run; nobody in modes that go by themselves, which then do not load what driving needs. */
async function driverOf(
  one: RunTarget,
  connection: Connection,
  folder: GuestFolder,
): Promise<Driver | undefined> {
  const { target, request, phases } = one;
  const { settings, signal, driver } = request;
  if (settings.mode !== 'interactive') return undefined;
  const driven: DrivenTarget = {
    id: target.id,
    name: target.name,
    settings,
    signal,
    hint: `collect it later with: gclab remote attach ${one.folder}`,
    phases,
    guest: () => connection.guest,
    folder: () => folder,
  };
  if (driver !== undefined) return driver(driven);
  const stepsOf = (trial: number) => stepsToDo(sequenceOf(collects(trial, settings.gc)), settings.limitBytes);
  const { StepsDriver } = await import('../../drive/steps-driver.js');
  return new StepsDriver(driven, { name: 'sequence', stepsOf });
}
