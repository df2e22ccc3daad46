import type { JournalLine } from '../experiment/journal.js';
import { formatStep } from '../experiment/steps/format.js';
import type { Step } from '../experiment/steps/step.js';
import { unroll } from '../experiment/steps/unroll.js';
import type { Trial } from '../model.js';
import type { Barrier } from './barrier.js';
import { unlessAborted } from './deferred.js';
import { DrivenSeat } from './driven-seat.js';
import type { Driver, Seat } from './driver.js';

/** More steps than any trial has: a trial's points come after all of the one before. */
const POINTS_PER_TRIAL = 10_000_000;

/** How long the others wait for one whose line dropped; docs/driving.md names it. */
const PATIENCE_MS = 10_000;

/** What is done in each trial. */
export interface TrialSteps {
  /** For people: what a trial did not get to the end of. */
  readonly name: 'scenario' | 'sequence';
  readonly stepsOf: (trial: number) => readonly Step[];
  /** Trials that differ in this are counted apart. */
  readonly isCollected?: (trial: number) => boolean;
  /** The targets that go in step with this one: no step is done before all of them are as far. */
  readonly together?: Barrier;
}

/** Does steps in each trial of an interactive target, from here. */
export class StepsDriver implements Driver {
  readonly wantsPast = false;
  readonly #failed = new AbortController();
  readonly #closed = new AbortController();
  readonly #ends = new Map<number, { atStep: number | null; finished: boolean }>();
  readonly #under: Promise<void>[] = [];
  #driven: DrivenSeat;
  #patience: NodeJS.Timeout | undefined;

  constructor(
    private readonly seat: Seat,
    private readonly steps: TrialSteps,
  ) {
    this.#driven = this.#sit();
  }

  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  onLine(line: JournalLine): void {
    // Each trial is a program of its own, with a seat of its own.
    if (line.type === 'trial-start') this.#driven = this.#sit();
    this.#driven.onLine(line);
    if (line.type === 'listening') this.#under.push(this.#drive(line.trial, this.#driven));
    if (line.type === 'trial-end' && line.trial === this.seat.settings.trials) this.#leave();
  }

  /** The line may drop at any time, with or without a program that listens. */
  onConnected(): void {
    const { lost } = this.seat.guest();
    lost.addEventListener('abort', () => this.#waitForIt(), { once: true });
    this.#driven.onConnected();
    if (!this.#driven.isAway) clearTimeout(this.#patience);
  }

  /** A trial that lived through half of the steps has not survived them. */
  qualify(trials: readonly Trial[]): readonly Trial[] {
    return trials.map((trial) => {
      const end = this.#ends.get(trial.index);
      const gc = this.steps.isCollected?.(trial.index);
      const known = { ...trial, atStep: end?.atStep ?? null, ...(gc === undefined ? {} : { gc }) };
      return trial.verdict !== 'survived' || end?.finished === true
        ? known
        : { ...known, verdict: 'inconclusive', reason: `the ${this.steps.name} did not get to its end` };
    });
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#leave();
    await this.#driven.close();
    await Promise.all(this.#under);
  }

  #sit(): DrivenSeat {
    return new DrivenSeat(this.seat, ({ kind }) => {
      if (kind !== 'lost') clearTimeout(this.#patience);
    });
  }

  #waitForIt(): void {
    clearTimeout(this.#patience);
    if (this.steps.together?.has(this.seat.target))
      this.#patience = setTimeout(() => this.#goOnWithout(), PATIENCE_MS);
  }

  /** It is not to hold up the others. Once it is there again it goes on behind them. */
  #goOnWithout(): void {
    const { target, phases } = this.seat;
    this.#leave();
    phases.note(`away for ${PATIENCE_MS / 1_000} s: the others go on without waiting for ${target}`);
  }

  #leave(): void {
    clearTimeout(this.#patience);
    this.steps.together?.leave(this.seat.target);
  }

  async #drive(trial: number, driven: DrivenSeat): Promise<void> {
    const end = { atStep: null as number | null, finished: false };
    this.#ends.set(trial, end);
    try {
      await this.#steps(trial, driven, end);
      if (driven.hasEnded) return;
      end.finished = true;
      end.atStep = null;
      await driven.quit();
    } catch (error) {
      // Stopping it takes a while, which is nothing to the others.
      this.#leave();
      if (!this.#closed.signal.aborted) this.#failed.abort(error);
    }
  }

  async #steps(trial: number, driven: DrivenSeat, end: { atStep: number | null }): Promise<void> {
    const { settings, target, phases, signal } = this.seat;
    const both = AbortSignal.any([signal, this.#closed.signal]);
    let point = trial * POINTS_PER_TRIAL;
    for (const { number, step } of unroll(this.steps.stepsOf(trial))) {
      if (this.steps.together) await unlessAborted(this.steps.together.arrive(target, point), both);
      point += 1;
      end.atStep = number;
      phases.progress(`trial ${trial}, step ${number}: ${formatStep(step)}`);
      const { kind } = await driven.do(step, settings.limitBytes, both);
      if (kind === 'ended') return;
    }
  }
}
