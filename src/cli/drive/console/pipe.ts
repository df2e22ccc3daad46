import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Console } from './console.js';

/** Lines in, lines out, nothing drawn: for scripts. Each command is echoed, so that the output can be read by itself. */
export function pipeConsole(input: Readable, output: Pick<Writable, 'write'>): Console {
  const reader = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  const lines = reader[Symbol.asyncIterator]();
  return {
    isTerminal: false,
    nextLine: async () => {
      const next = await lines.next();
      if (next.done === true) return undefined;
      if (next.value.trim() !== '') output.write(`> ${next.value}\n`);
      return next.value;
    },
    print: (line) => void output.write(`${line}\n`),
    onInterrupt: () => {},
    showPanel: () => {},
    close: () => reader.close(),
  };
}
