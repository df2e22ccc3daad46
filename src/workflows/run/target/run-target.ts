import type { Share } from '../../../fleet/each-target.js';
import type { Phases } from '../../../fleet/phases.js';
import type { Target } from '../../../model.js';
import type { RunFolder, TargetRecord } from '../../../results/run-folder.js';
import { type Counted, TRIALS_FILE, trialLines } from '../../../results/trials.js';
import type { RunRequest } from '../request.js';

/** One target of a run: what it is asked for, and what is known of it. */
export class RunTarget {
  constructor(
    private readonly share: Share<TargetRecord>,
    readonly request: RunRequest,
    private readonly results: RunFolder,
  ) {}

  get target(): Target {
    return this.share.target;
  }

  get phases(): Phases {
    return this.share.phases;
  }

  get record(): TargetRecord {
    return this.results.recordOf(this.target.id);
  }

  /** What the run is called on the guest; of several targets two may be names of one guest. */
  get runName(): string {
    const { run, targets } = this.results.document;
    const index = targets.findIndex(({ id }) => id === this.target.id);
    return this.record.guest?.run ?? (targets.length === 1 ? run.id : `${run.id}-${index + 1}`);
  }

  /** The folder of the run. */
  get folder(): string {
    return this.results.document.run.dir;
  }

  /** A file of the target's folder. */
  pathOf(file: string): string {
    return this.results.pathOf(this.target.id, file);
  }

  /** Adds what the trials come to, which is known at the end alone: their rows become lines of the folder. */
  async learnTrials(change: Counted & Partial<TargetRecord>): Promise<void> {
    const { run } = this.results.document;
    const lines = trialLines(run.id, this.target.id, change.trials);
    const kept = await Promise.allSettled([this.learn(change), this.results.append(TRIALS_FILE, ...lines)]);
    for (const one of kept) if (one.status === 'rejected') throw one.reason;
  }

  /** Adds to the record, and how far the work got. */
  async learn(change: Partial<TargetRecord>): Promise<void> {
    const { current, times } = this.phases;
    await this.share.learn({ ...change, phase: current, phases: times });
  }
}
