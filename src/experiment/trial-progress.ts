import type { Trial } from '../model.js';
import type { JournalLine } from './journal.js';

/** How far a trial got and how often it collected, as its journal tells line by line. */
export class TrialProgress {
  #isScenario = false;
  #atStep: number | null = null;
  #gcs: number | null = null;

  take(line: JournalLine): void {
    switch (line.type) {
      case 'begin':
        this.#isScenario ||= line.number !== null;
        this.#atStep = line.number;
        break;
      case 'step':
        this.#atStep = null;
        this.#count(line.heap.numGC);
        break;
      case 'heap':
        this.#count(line.heap.numGC);
        break;
      case 'request':
        this.#count(line.heap?.numGC ?? null);
        break;
      case 'gc':
        this.#count(line.n);
        break;
      default:
        break;
    }
  }

  figures(): Pick<Trial, 'atStep' | 'gcs'> {
    return { gcs: this.#gcs, ...(this.#isScenario ? { atStep: this.#atStep } : {}) };
  }

  #count(numGC: number | null): void {
    if (numGC !== null) this.#gcs = Math.max(this.#gcs ?? 0, numGC);
  }
}
