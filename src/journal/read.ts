import { createReadStream } from 'node:fs';
import { LineSplitter } from './line-splitter.js';
import { RunState } from './run-state.js';
import { type HeaderLine, parseJournalLine, type ReadLine } from './schema.js';

/** Takes a journal's bytes, in whatever pieces they come, and gives its lines. */
export class JournalReader {
  readonly #lines = new LineSplitter();

  push(piece: Uint8Array): ReadLine[] {
    return this.#lines
      .push(piece)
      .map((line) => (typeof line === 'string' ? parseJournalLine(line) : { type: 'damaged' }));
  }

  /** Whether the bytes so far end within a line: a crash cuts the last one. */
  get isTorn(): boolean {
    return this.#lines.isWithinLine;
  }
}

/** What a journal's file says; a file that is not there says nothing. Rejects where it cannot be read. */
export async function readRunState(path: string): Promise<RunState> {
  const reader = new JournalReader();
  const state = new RunState();
  for await (const piece of pieces(path)) for (const line of reader.push(piece)) state.take(line);
  state.isTorn = reader.isTorn;
  return state;
}

/** The lines of a journal's file that can be read, in their order. */
export async function* readJournal(path: string): AsyncGenerator<ReadLine> {
  const reader = new JournalReader();
  for await (const piece of pieces(path)) yield* reader.push(piece);
}

/** The first line of a journal's file; null where it is not there yet, or is none. Reads no further. */
export async function readHeader(path: string): Promise<HeaderLine | null> {
  for await (const line of readJournal(path)) return line.type === 'journal' ? line : null;
  return null;
}

async function* pieces(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of createReadStream(path)) yield piece as Uint8Array;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
