import { unlessAborted } from '../../concurrency/deferred.js';
import type { StepToDo } from '../../experiment/steps/resolve.js';
import type { JournalLine } from '../../journal/schema.js';
import type { TrialRow } from '../../journal/trial/row.js';
import type { Barrier } from './barrier.js';
import type { DrivenTarget, Driver } from './driver.js';
import { Participant, type ParticipantEvent } from './participant.js';
import { programLink } from './program-link.js';

/** More steps than any trial has: a trial's points come after all of the one before. */
const POINTS_PER_TRIAL = 10_000_000;

/** How long the others wait for one whose line dropped; docs/driving.md names it. */
const PATIENCE_MS = 10_000;

/** What is done in each trial. */
export interface TrialSteps {
  /** For people: what a trial did not get to the end of. */
  readonly name: 'scenario' | 'sequence';
  readonly stepsOf: (trial: number) => Iterable<StepToDo>;
  /** No step is done before all targets that take part are as far. */
  readonly barrier?: Barrier;
}

/** How far a trial's steps got. */
interface Progress {
  atStep: number | null;
  finished: boolean;
}

/** Does steps in each trial of an interactive run, from here. */
export class StepsDriver implements Driver {
  readonly wantsPast = false;
  readonly #participant: Participant;
  readonly #failed = new AbortController();
  readonly #closed = new AbortController();
  readonly #progress = new Map<number, Progress>();
  readonly #work: Promise<void>[] = [];
  readonly #stop: AbortSignal;
  /** The trial whose program listens, and the last whose steps were begun. */
  #listening = 0;
  #begun = 0;
  #patience: NodeJS.Timeout | undefined;

  constructor(
    private readonly target: DrivenTarget,
    private readonly steps: TrialSteps,
  ) {
    this.#participant = new Participant({
      subject: { target: target.name, kind: 'steps', hint: target.hint },
      link: programLink(target),
      guest: target.guest,
      signal: target.signal,
      tell: (event) => this.#onEvent(event),
    });
    this.#stop = AbortSignal.any([this.#failed.signal, this.#participant.stop]);
  }

  get stop(): AbortSignal {
    return this.#stop;
  }

  get leave(): AbortSignal {
    return this.#participant.leave;
  }

  onLine(line: JournalLine): void {
    if (line.type === 'listening') this.#listening = line.trial;
    this.#participant.onLine(line);
    if (line.type === 'trial-end' && line.trial === this.target.settings.trials) this.#leaveOthers();
  }

  /** The line may drop at any time, with or without a program that listens. */
  onConnected(): void {
    const { lost } = this.target.guest();
    lost.addEventListener('abort', () => this.#waitForIt(), { once: true });
    this.#participant.onConnected();
    if (!this.#participant.isAway) clearTimeout(this.#patience);
  }

  /** A trial that lived through half of the steps has not survived them. */
  qualify(trials: readonly TrialRow[]): readonly TrialRow[] {
    return trials.map((trial) => {
      const progress = this.#progress.get(trial.trial);
      const known = { ...trial, atStep: progress?.atStep ?? null };
      return trial.verdict !== 'survived' || progress?.finished === true
        ? known
        : { ...known, verdict: 'inconclusive', reason: `the ${this.steps.name} did not get to its end` };
    });
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#leaveOthers();
    await this.#participant.close();
    await Promise.all(this.#work);
  }

  #onEvent({ kind }: ParticipantEvent): void {
    if (kind === 'back' || kind === 'ended') clearTimeout(this.#patience);
    if ((kind !== 'listening' && kind !== 'back') || this.#begun === this.#listening) return;
    this.#begun = this.#listening;
    this.#work.push(this.#drive(this.#begun));
  }

  #waitForIt(): void {
    clearTimeout(this.#patience);
    if (this.steps.barrier?.has(this.target.id) && !this.#closed.signal.aborted)
      this.#patience = setTimeout(() => this.#goOnWithout(), PATIENCE_MS);
  }

  /** It is not to hold up the others. Once it is connected again it goes on behind them. */
  #goOnWithout(): void {
    const { name, phases } = this.target;
    this.#leaveOthers();
    phases.note(`away for ${PATIENCE_MS / 1_000} s: the others go on without waiting for ${name}`);
  }

  #leaveOthers(): void {
    clearTimeout(this.#patience);
    this.steps.barrier?.leave(this.target.id);
  }

  async #drive(trial: number): Promise<void> {
    const progress: Progress = { atStep: null, finished: false };
    this.#progress.set(trial, progress);
    try {
      if (!(await this.#doSteps(trial, progress))) return;
      progress.finished = true;
      progress.atStep = null;
      await this.#participant.quit();
    } catch (error) {
      // Stopping it takes a while, which is nothing to the others.
      this.#leaveOthers();
      if (!this.#closed.signal.aborted) this.#failed.abort(error);
    }
  }

  /** False where the program ended before they did; rejects where one failed. */
  async #doSteps(trial: number, progress: Progress): Promise<boolean> {
    const { barrier } = this.steps;
    const { id, phases, signal } = this.target;
    const unwanted = AbortSignal.any([signal, this.#closed.signal]);
    let point = trial * POINTS_PER_TRIAL;
    for (const { number, step, text } of this.steps.stepsOf(trial)) {
      if (barrier !== undefined) await unlessAborted(barrier.arrive(id, point), unwanted);
      unwanted.throwIfAborted();
      point += 1;
      progress.atStep = number;
      phases.progress(`trial ${trial}, step ${number}: ${text}`);
      const outcome = await this.#participant.do(step);
      if (outcome.kind === 'failed') throw outcome.error;
      if (outcome.kind === 'ended') return false;
    }
    return true;
  }
}
