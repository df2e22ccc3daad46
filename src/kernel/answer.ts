import { GclabError } from '../errors.js';
import type { RemoteResult } from '../model.js';

/** What a guest script printed between its marks: values by key, in order. */
export type Answer = ReadonlyMap<string, readonly string[]>;

/** Scripts of provision/guest answer in lines of `key value`. */
const LINE = /^([a-z][A-Za-z0-9-]{0,39})(?: (.*))?$/;
const MAX_LINES = 5_000;

export interface Exchange {
  /** As in `gclab-probe 1` … `gclab-probe end`. */
  readonly mark: string;
  readonly doing: string;
  readonly target: string;
}

/**
 * The lines between the marks. What a login shell prints before and after does no harm; an answer without its
 * end, or with a line that is none, is `guest-answer`.
 */
export function readAnswer(result: RemoteResult, exchange: Exchange): Answer {
  const lines = between(result.stdout, exchange.mark);
  if (lines === undefined) throw unreadable(result, exchange, whyIncomplete(result));
  if (lines.length > MAX_LINES) throw unreadable(result, exchange, `the answer has ${lines.length} lines`);
  const answer = new Map<string, string[]>();
  for (const line of lines) {
    const match = LINE.exec(line);
    if (match === null) throw unreadable(result, exchange, 'the answer has a line that is not of gclab');
    const key = match[1] as string;
    answer.set(key, [...(answer.get(key) ?? []), printable(match[2] ?? '')]);
  }
  return answer;
}

export function unreadable(
  result: RemoteResult,
  exchange: Exchange,
  what: string,
  cause?: unknown,
): GclabError {
  return new GclabError({
    code: result.timedOut ? 'remote-timeout' : 'guest-answer',
    doing: exchange.doing,
    target: exchange.target,
    what,
    hint: 'Log in by hand and see whether `sh` starts there and prints nothing of its own',
    result,
    cause,
  });
}

function between(stdout: string, mark: string): readonly string[] | undefined {
  const begin = stdout.lastIndexOf(`\n${mark} 1\n`);
  if (begin === -1) return undefined;
  const body = stdout.slice(begin + mark.length + 4);
  const end = body.startsWith(`${mark} end\n`) ? 0 : body.indexOf(`\n${mark} end\n`);
  if (end === -1) return undefined;
  return end === 0 ? [] : body.slice(0, end).split('\n');
}

function whyIncomplete(result: RemoteResult): string {
  if (result.timedOut) return `no whole answer within ${Math.round(result.durationMs / 1_000)} s`;
  if (result.exitCode === null) return 'the command ended without an exit status and without a whole answer';
  return `no whole answer (exit ${result.exitCode})`;
}

/** Control characters, and those that turn text around, have no business in an answer. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, ' ').trim();
}
