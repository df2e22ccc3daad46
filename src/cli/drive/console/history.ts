import { appendFileSync, closeSync, fchmodSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { printable } from '../../../printable.js';

/** What is kept of sessions, and how far the file may outgrow that before it is cut. */
const KEPT_LINES = 1_000;
const KEPT_BYTES = 1024 * 1024;
const LONGEST_LINE = 4_000;
const PRIVATE = 0o600;

/** The lines typed in sessions on this controller. */
export interface History {
  /** Newest first and each once, as readline has it. */
  readonly lines: readonly string[];
  /** Keeps one for the sessions to come. */
  add(line: string): void;
}

/**
 * Reads the file, one line a command, oldest first; `report` hears once when it cannot be read or written: a session goes
 * on without. Lines are appended one by one, so that sessions side by side keep each other's.
 */
export function openHistory(file: string, report: (message: string) => void): History {
  let isReported = false;
  const attempt = <T>(work: () => T, otherwise: T): T => {
    try {
      return work();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'ENOENT' && !isReported) {
        isReported = true;
        report(`the history in ${printable(file)} cannot be kept: ${code ?? String(error)}`);
      }
      return otherwise;
    }
  };
  return {
    lines: [...new Set(attempt(() => readAndCut(file), []).toReversed())],
    add: (line) =>
      attempt(() => {
        mkdirSync(dirname(file), { recursive: true });
        appendFileSync(file, joined([printable(line, LONGEST_LINE)]), { mode: PRIVATE });
      }, undefined),
  };
}

/** The lines that count, oldest first. A file that grew too large is replaced by one of them alone. */
function readAndCut(file: string): string[] {
  const fd = openSync(file, 'r');
  try {
    const text = readFileSync(fd, 'utf8');
    const lines = text
      .split('\n')
      .map((line) => printable(line, LONGEST_LINE).trim())
      .filter((line) => line !== '')
      .slice(-KEPT_LINES);
    if (text.length <= KEPT_BYTES) fchmodSync(fd, PRIVATE);
    else {
      writeFileAtomic.sync(file, joined(lines), { mode: PRIVATE });
      // What another session appended meanwhile, to the file that is no longer there.
      appendFileSync(file, readFileSync(fd));
    }
    return lines;
  } finally {
    closeSync(fd);
  }
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
