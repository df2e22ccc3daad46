import type { Readable } from 'node:stream';

export const DEFAULT_OUTPUT_BYTES = 1024 * 1024;

/** Reads a stream to its end and keeps the first `limit` bytes of it: a guest that never stops costs no memory. */
export class BoundedOutput {
  readonly #chunks: Buffer[] = [];
  #kept = 0;

  constructor(
    stream: Readable,
    readonly limit: number = DEFAULT_OUTPUT_BYTES,
  ) {
    stream.on('data', (chunk: Buffer) => this.#keep(chunk));
    stream.on('error', () => {});
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }

  #keep(chunk: Buffer): void {
    const room = this.limit - this.#kept;
    if (room <= 0) return;
    const part = chunk.length > room ? chunk.subarray(0, room) : chunk;
    this.#chunks.push(part);
    this.#kept += part.length;
  }
}
