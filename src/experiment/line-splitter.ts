/** Cuts a byte stream into lines; the unfinished last one waits. Over-long lines are dropped and counted. */
export class LineSplitter {
  #pending = '';
  #dropping = false;
  #dropped = 0;
  readonly #decoder = new TextDecoder();

  constructor(private readonly maxLength = 4 * 1024 * 1024) {}

  get dropped(): number {
    return this.#dropped;
  }

  push(piece: Uint8Array): string[] {
    const parts = (this.#pending + this.#decoder.decode(piece, { stream: true })).split('\n');
    this.#pending = parts.pop() ?? '';
    const lines = this.#dropping ? parts.slice(1) : parts;
    if (parts.length > 0) this.#dropping = false;
    if (this.#pending.length > this.maxLength) this.#drop();
    return lines.filter((line) => line.length <= this.maxLength);
  }

  #drop(): void {
    this.#pending = '';
    if (!this.#dropping) this.#dropped += 1;
    this.#dropping = true;
  }
}
