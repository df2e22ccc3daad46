import type { GuestFolder } from '../experiment/guest-folder.js';
import { removeRun } from '../experiment/remove.js';
import { type JournalSummary, summariseJournal } from '../experiment/summary.js';
import { readiness } from '../kernel/readiness.js';
import type { Facts, Guest, Settings, Target } from '../model.js';
import { type GuestPlace, nameOnGuest, type RunFolder, type TargetRecord } from '../results/run-folder.js';
import { verdictOf } from '../results/verdict.js';
import { Connection } from '../transport/connection.js';
import { Deployment } from './deployment.js';
import { connectPhase, dial } from './each-target.js';
import { type Expected, judgeExpectations } from './expectations.js';
import { askForPassword, describeFacts, readFacts } from './facts.js';
import { Following } from './following.js';
import { gate } from './gate.js';
import { failureOf, outcomeOf, reportOf } from './outcome.js';
import type { Phases } from './phases.js';
import { prepareGuest } from './prepare-guest.js';
import { endError } from './run-end.js';
import type { RunRequest } from './run-request.js';

/** One target of a run, from connecting to a clean guest. Never rejects: what became of it is in its record. */
export class TargetRun {
  #connected: Connection | undefined;
  #following: Following | undefined;

  constructor(
    private readonly target: Target,
    private readonly request: RunRequest,
    private readonly results: RunFolder,
    private readonly phases: Phases,
  ) {}

  /** From the beginning. */
  run(): Promise<void> {
    return this.#guarded(async () => {
      const connection = await this.#connect();
      const early = new Deployment(connection.guest, this.request);
      const read = await this.phases.run('facts', () => this.#facts(connection), describeFacts);
      const facts = await this.#prepared(connection, read);
      await this.phases.run(
        'gate',
        () => this.#gate(facts),
        () => 'the limit can be enforced',
      );
      const tell = (progress: string): void => this.phases.progress(progress);
      const deploy = (guest: Guest): Promise<GuestFolder> =>
        (guest === early.guest ? early : new Deployment(guest, this.request)).deploy(facts, tell);
      const folder = await this.phases.run(
        'deploy',
        () => connection.use('deploying gcexp', deploy),
        describeFolder,
      );
      await this.#follow(connection, folder, configurationOf(this.request.settings, folder, this.#runName));
      await this.#conclude(connection, folder);
    });
  }

  /** Goes on with what an earlier controller left on the guest. */
  attach(): Promise<void> {
    return this.#guarded(async () => {
      const place = this.results.recordOf(this.target.name).guest;
      if (place === null) throw new Error(`nothing of ${this.target.name} was left behind`);
      const connection = await this.#connect();
      const { guest } = connection;
      if (place.privilege === 'sudo-password') await askForPassword(guest, this.request);
      else guest.setPrivilege(place.privilege);
      const folder = { dir: place.dir, gcexp: place.gcexp, isDeployed: true };
      await this.#follow(connection, folder, undefined);
      await this.#conclude(connection, folder);
    });
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await this.#record({ ...failureOf(error, this.request.signal), ...(await this.#partial()) });
      await this.#removeEnded();
    } finally {
      await this.#connected?.close();
    }
  }

  get #runName(): string {
    return nameOnGuest(this.results.document, this.target.name);
  }

  async #connect(): Promise<Connection> {
    const { phases, request } = this;
    const guest = await connectPhase(this.target, request, phases);
    this.#connected = new Connection(guest, {
      dial: (before) => this.#dialAgain(before),
      reconnectMs: request.reconnectMs,
      onNote: (text) => phases.note(text),
      signal: request.signal,
    });
    return this.#connected;
  }

  async #facts(connection: Connection): Promise<Facts> {
    const facts = await connection.use('reading the guest', (guest) => readFacts(guest, this.request));
    await this.#record({ facts });
    return facts;
  }

  /** `--prepare`: the guest may come back with other facts, over another connection. */
  async #prepared(connection: Connection, facts: Facts): Promise<Facts> {
    const { prepare } = this.request;
    if (prepare === undefined || readiness(facts).ready) return facts;
    const changed = await prepareGuest(connection.guest, facts, {
      settings: prepare,
      request: this.request,
      phases: this.phases,
      id: this.#runName,
      dial: (signal) => dial(this.target, this.request, signal),
      record: (state, plan) => this.#record({ preparation: { state, plan } }),
      rebooted: () => {},
    });
    connection.replace(changed.guest);
    await this.#record({ facts: changed.facts });
    return changed.facts;
  }

  async #gate(facts: Facts): Promise<void> {
    const { readiness, refusal } = gate(facts, this.target.name, this.request.settings.limitBytes);
    await this.#record({ readiness });
    if (refusal !== null) throw refusal;
  }

  async #follow(
    connection: Connection,
    folder: GuestFolder,
    configuration: string | undefined,
  ): Promise<void> {
    await this.#record({ guest: placeOf(folder, connection.guest, true) });
    this.#following = new Following(this.target, this.request, this.results, this.phases);
    await this.#following.toEnd(connection, folder, configuration);
  }

  async #dialAgain(before: Guest): Promise<Guest> {
    const guest = await dial(this.target, this.request);
    guest.setPrivilege(before.privilege, this.request.sudoPasswords.get(this.target.name));
    return guest;
  }

  async #conclude(connection: Connection, folder: GuestFolder): Promise<void> {
    const summary = await this.phases.run(
      'verdict',
      () => this.#summary(),
      (read) => verdictOf(read.trials).reason,
    );
    const remove = (guest: Guest): Promise<void> => removeRun(guest, folder, this.#runName);
    await this.phases.run(
      'clean',
      () => connection.use('removing the run from the guest', remove),
      () => 'the run is gone from the guest',
    );
    const error = endError(summary, this.target.name, this.request.settings);
    await this.#record({
      guest: placeOf(folder, connection.guest, false),
      outcome: error === null ? 'completed' : outcomeOf(error),
      error: error === null ? null : reportOf(error),
      ...this.#judged(summary),
    });
  }

  #summary(): Promise<JournalSummary> {
    return summariseJournal(this.results.pathOf(this.target.name, 'journal.ndjson'));
  }

  /** The trials as the journal and, in the interactive mode, the sequence tell of them. */
  #judged(summary: JournalSummary): Expected & Pick<TargetRecord, 'trials' | 'verdict'> {
    const trials = this.#following?.qualify(summary.trials) ?? summary.trials;
    const { expect, settings } = this.request;
    const verdict = trials.length === 0 ? null : verdictOf(trials);
    return { trials, verdict, ...judgeExpectations(expect, settings, trials) };
  }

  /** What the journal has although something failed; nothing where there is no journal yet. */
  async #partial(): Promise<Partial<TargetRecord>> {
    return this.#following === undefined ? {} : this.#judged(await this.#summary());
  }

  /** A run that failed and whose journal is here to its end leaves nothing behind; where that fails, the record says so. */
  async #removeEnded(): Promise<void> {
    const { guest: place } = this.results.recordOf(this.target.name);
    const guest = this.#connected?.guest;
    if (guest === undefined || guest.lost.aborted || place?.left !== true) return;
    if ((await this.#summary()).end === null) return;
    await removeRun(guest, place, this.#runName).then(
      () => this.#record({ guest: { ...place, left: false } }),
      () => {},
    );
  }

  async #record(change: Partial<TargetRecord>): Promise<void> {
    await this.results.update(this.target.name, { ...change, phase: this.phases.current });
  }
}

function describeFolder(folder: GuestFolder): string {
  return `${folder.dir}${folder.isDeployed ? ' (gcexp is there already)' : ''}`;
}

function placeOf(folder: GuestFolder, guest: Guest, left: boolean): GuestPlace {
  return { dir: folder.dir, gcexp: folder.gcexp, privilege: guest.privilege, left };
}

function configurationOf(settings: Settings, folder: GuestFolder, run: string): string {
  return JSON.stringify({ schema: 1, run, dir: folder.dir, ...settings });
}
