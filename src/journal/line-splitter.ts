import { isUtf8 } from 'node:buffer';

/** A line of bytes that is no text that could be read. */
export interface Unreadable {
  readonly unreadable: 'too-long' | 'not-utf8';
}

const NEWLINE = 10;

/** Cuts a byte stream into lines; the unfinished last one waits. What cannot be read is said, a line each, and never kept. */
export class LineSplitter {
  /** Of the unfinished line. */
  #pieces: Buffer[] = [];
  #length = 0;
  #isTooLong = false;

  /** `maxBytes` is what a line may have; a run's journal has none above 1 MiB (docs/wire.md). */
  constructor(private readonly maxBytes = 1024 ** 2) {}

  /** Whether the bytes so far end within a line. */
  get isWithinLine(): boolean {
    return this.#length > 0;
  }

  /** The lines that end in this piece. */
  push(piece: Uint8Array): (string | Unreadable)[] {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    const lines: (string | Unreadable)[] = [];
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      this.#keep(bytes.subarray(from, end));
      lines.push(this.#take());
      from = end + 1;
    }
    this.#keep(bytes.subarray(from));
    return lines;
  }

  #keep(bytes: Buffer): void {
    this.#length += bytes.length;
    if (this.#length > this.maxBytes) {
      this.#isTooLong = true;
      this.#pieces = [];
    } else if (bytes.length > 0) this.#pieces.push(bytes);
  }

  #take(): string | Unreadable {
    const pieces = this.#pieces;
    const isTooLong = this.#isTooLong;
    this.#pieces = [];
    this.#length = 0;
    this.#isTooLong = false;
    if (isTooLong) return { unreadable: 'too-long' };
    const line = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
    return isUtf8(line) ? line.toString() : { unreadable: 'not-utf8' };
  }
}
