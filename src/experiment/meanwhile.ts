import { formatBytes, formatCount } from '../units.js';
import type { JournalLine } from './journal.js';

/** Sums up what a journal tells of a time in which nobody could look. */
export class Meanwhile {
  readonly #requests: string[] = [];
  #gcs = 0;
  #least = Number.POSITIVE_INFINITY;
  #most = 0;

  take(line: JournalLine): void {
    if (line.type === 'gc') this.#gcs += 1;
    if (line.type === 'request') {
      const what = line.bytes > 0 ? `${line.route} ${formatBytes(line.bytes)}` : line.route;
      this.#requests.push(
        `${what} was answered (${line.status}) after ${(line.durationUs / 1_000).toFixed(1)} ms there`,
      );
    }
    if (line.type !== 'samples') return;
    for (const bytes of line.usage) {
      this.#least = Math.min(this.#least, bytes);
      this.#most = Math.max(this.#most, bytes);
    }
  }

  /** A sentence each; the last request is the one that asked whether we are up to date. */
  tell(): string[] {
    const usage =
      this.#most === 0 ? [] : [`usage between ${formatBytes(this.#least)} and ${formatBytes(this.#most)}`];
    return [...this.#requests.slice(0, -1), formatCount(this.#gcs, 'collection'), ...usage];
  }
}
