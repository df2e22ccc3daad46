import { type FileHandle, open, readFile } from 'node:fs/promises';
import { FILE_MODE } from './replace-file.js';

/**
 * Lines of JSON that are appended, in the order in which they came, as many at once as there are. The file is open only while it is
 * written, so that nothing has to close it, whatever becomes of its owner.
 */
export class NdjsonFile {
  /** Whether its last line is known to be whole. */
  #isWhole = false;
  #waiting = '';
  #next: Promise<void> | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(readonly path: string) {}

  /** Resolves once the lines are in the file. */
  append(...values: readonly object[]): Promise<void> {
    this.#waiting += values.map((value) => `${JSON.stringify(value)}\n`).join('');
    const write = (): Promise<void> => this.#write();
    this.#next ??= this.#writing.then(write, write);
    return this.#next;
  }

  /** Resolves once nothing is being written, whether or not that went well. */
  async settled(): Promise<void> {
    await (this.#next ?? this.#writing).catch(() => undefined);
  }

  async #write(): Promise<void> {
    const text = this.#waiting;
    this.#waiting = '';
    this.#writing = this.#next ?? this.#writing;
    this.#next = undefined;
    if (text === '') return;
    const file = await open(this.path, 'a+', FILE_MODE);
    try {
      if (!this.#isWhole) await endCutLine(file);
      this.#isWhole = false;
      await file.appendFile(text);
      this.#isWhole = true;
    } finally {
      await file.close();
    }
  }
}

/** A crash or a full disk may have cut the last line: what comes now is not to be glued to it. */
async function endCutLine(file: FileHandle): Promise<void> {
  await file.chmod(FILE_MODE);
  const { size } = await file.stat();
  if (size === 0) return;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  if (buffer.toString() !== '\n') await file.appendFile('\n');
}

/** The lines that can be read; none where there is no file. One that a crash has cut is passed over. */
export async function readNdjson(path: string): Promise<unknown[]> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return '';
    throw cause;
  });
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as unknown];
    } catch {
      return [];
    }
  });
}
