import { open } from 'node:fs/promises';

/** Enough for the end of any kernel's last words. */
const TAIL_BYTES = 4_096;

/** The last thing a kernel prints that gives up for good; one that was told to reboot by itself (`panic=`) never gets there. */
const GAVE_UP = /---\[ end (Kernel panic.*?) *\]?-*$/;

/** What a guest wrote to its console. */
export interface Console {
  readonly path: string;
  /** Its last line that says something; undefined where there is none. */
  lastLine(): Promise<string | undefined>;
  /** Why its kernel has given up and waits for a power cut; undefined where it has not. */
  gaveUp(): Promise<string | undefined>;
}

/** `from`: bytes that an earlier boot has written. */
export function consoleOf(path: string, from = 0): Console {
  const lastLine = async () =>
    (await tail(path, from))
      .split(/[\r\n]+/)
      .map(plain)
      .findLast((line) => line !== '');
  return { path, lastLine, gaveUp: async () => GAVE_UP.exec((await lastLine()) ?? '')?.[1] };
}

async function tail(path: string, from: number): Promise<string> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return '';
  try {
    const { size } = await file.stat();
    const start = Math.max(from, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, start);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Without what moves a terminal's cursor and colours. */
function plain(line: string): string {
  return line
    .replace(SEQUENCE, '')
    .replace(/[^ -~]/g, '')
    .trim();
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const SEQUENCE = /\u001b(\[[0-?]*[ -/]*[@-~]|.)/g;
