import { createReadStream } from 'node:fs';
import { type JournalLine, parseJournalLine } from './journal.js';
import { LineSplitter } from './line-splitter.js';

/** The lines of a journal's file that can be read, in their order. */
export async function* readJournal(path: string): AsyncGenerator<JournalLine> {
  const lines = new LineSplitter();
  for await (const piece of createReadStream(path)) {
    for (const text of lines.push(piece as Uint8Array)) {
      const line = parseJournalLine(text);
      if (line !== undefined && line.type !== 'damaged') yield line;
    }
  }
}
