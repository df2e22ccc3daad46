import { replaceFile } from './replace-file.js';

/**
 * A JSON document that is replaced as a whole. Many changes at once cost as many writes as the disk keeps up with; the last is what stays.
 */
export class DocumentFile {
  #writing: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(
    readonly path: string,
    private readonly value: () => object,
  ) {}

  /** Resolves once the file has the value of now, or a later one. */
  write(): Promise<void> {
    if (this.#next !== undefined) return this.#next;
    if (this.#writing === undefined) return this.#begin();
    const begin = (): Promise<void> => this.#begin();
    this.#next = this.#writing.then(begin, begin);
    return this.#next;
  }

  #begin(): Promise<void> {
    this.#next = undefined;
    this.#writing = replaceFile(this.path, `${JSON.stringify(this.value(), null, 2)}\n`).finally(() => {
      if (this.#next === undefined) this.#writing = undefined;
    });
    return this.#writing;
  }
}
