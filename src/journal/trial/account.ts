import { formatBytes, formatCount } from '../../units.js';

/** At most so many requests are told one by one. */
const MAX_REQUESTS = 100;

/** Sums up what a journal tells of a time in which nobody could look. */
export class Account {
  readonly #requests: string[] = [];
  #requestCount = 0;
  #gcs = 0;
  #leastBytes = Number.POSITIVE_INFINITY;
  #mostBytes = 0;

  collection(): void {
    this.#gcs += 1;
  }

  request(line: {
    readonly route: string;
    readonly bytes: number;
    readonly status: number;
    readonly durationUs: number;
  }): void {
    this.#requestCount += 1;
    if (this.#requests.length > MAX_REQUESTS) return;
    const what = line.bytes > 0 ? `${line.route} ${formatBytes(line.bytes)}` : line.route;
    const took = (line.durationUs / 1_000).toFixed(1);
    this.#requests.push(`${what} was answered (${line.status}) after ${took} ms on the guest`);
  }

  usage(bytes: number): void {
    this.#leastBytes = Math.min(this.#leastBytes, bytes);
    this.#mostBytes = Math.max(this.#mostBytes, bytes);
  }

  /** A sentence each. The last request is left out: it is the one that asked whether we are up to date. */
  tell(): string[] {
    const told = this.#requests.slice(0, Math.min(MAX_REQUESTS, this.#requestCount - 1));
    const more = this.#requestCount - 1 - told.length;
    return [
      ...told,
      ...(more > 0 ? [`${formatCount(more, 'more request')}`] : []),
      formatCount(this.#gcs, 'collection'),
      ...(this.#mostBytes === 0
        ? []
        : [`usage between ${formatBytes(this.#leastBytes)} and ${formatBytes(this.#mostBytes)}`]),
    ];
  }
}
