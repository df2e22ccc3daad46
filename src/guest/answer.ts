import { GclabError } from '../errors.js';
import type { RemoteResult } from '../model.js';
import { formatBytes } from '../units.js';
import * as z from '../zod.js';

/**
 * What the scripts of provision/guest answer: a line `gclab-answer`, lines of a key and fields, and a line `gclab-end` with how it
 * went, all parted by tabs. A field is printable ASCII as it is, or `\x` and hexadecimal, or `\b` and base64: any bytes come back
 * as they were. provision/guest/answer.sh writes it. In here a field is a string of one character per byte (latin1).
 */
export type Fields = readonly string[];

/** Which script answered, and for what. */
export interface Question {
  readonly script: string;
  /** As a participle: `reading the guest`. */
  readonly doing: string;
  readonly target: string;
  readonly maxBytes: number;
}

const MAX_LINES = 5_000;
const KEY = /^[a-z][A-Za-z0-9-]{0,39}$/;
const PLAIN = /^(?!\\)[ -~]*$/;
const HEXADECIMAL = /^\\x((?:[0-9a-f]{2})+)$/;
const BASE64 = /^\\b((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/;

/** The answer of one script. */
export class Answer {
  constructor(
    /** How it went: `done`, or a word of the script's own. */
    readonly result: string,
    readonly about: Fields,
    private readonly records: ReadonlyMap<string, readonly Fields[]>,
    readonly question: Question,
    readonly remote: RemoteResult,
  ) {}

  /** Its records by key, as `schema` has them; throws `guest-answer` where they are otherwise. */
  read<T>(schema: z.ZodType<T>): T {
    const read = schema.safeParse(Object.fromEntries(this.records));
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    const where = issue === undefined ? '' : ` (${issue.path.join(' ')}: ${issue.message})`;
    throw unreadable(this.remote, this.question, `the answer is not of gclab${where}`, read.error);
  }

  /** For a result that the script does not know. */
  unknownResult(): GclabError {
    return unreadable(this.remote, this.question, `the answer ends with a result that is none`);
  }
}

/**
 * Finds a script's answer in what was printed. What a login shell prints before and after does no harm; an answer without its end,
 * or with a line that is none, is `guest-answer`, and one that did not come in time `remote-timeout`.
 */
export function readAnswer(remote: RemoteResult, question: Question): Answer {
  const lines = linesOf(remote.stdout, question.script);
  const end = lines.findIndex((line) => line.startsWith(END));
  if (end === -1) throw unreadable(remote, question, whyIncomplete(remote, question));
  if (end > MAX_LINES) throw unreadable(remote, question, `the answer has ${end} lines`);
  const records = new Map<string, Fields[]>();
  for (const line of lines.slice(0, end)) {
    const [key = '', ...fields] = line.split('\t');
    if (!KEY.test(key)) throw unreadable(remote, question, 'the answer has a line that is not of gclab');
    const all = records.get(key) ?? [];
    all.push(fields.map((field) => decoded(field, key, remote, question)));
    records.set(key, all);
  }
  const [, result = '', ...about] = (lines[end] as string).split('\t');
  const decode = (field: string): string => decoded(field, result, remote, question);
  return new Answer(result, about.map(decode), records, question, remote);
}

const END = 'gclab-end\t';

/** What comes behind the last beginning; an answer whose last line has no end lost a part of it. */
function linesOf(stdout: string, script: string): readonly string[] {
  const head = `\ngclab-answer\t${script}\n`;
  const begin = stdout.lastIndexOf(head);
  return begin === -1
    ? []
    : stdout
        .slice(begin + head.length)
        .split('\n')
        .slice(0, -1);
}

function decoded(field: string, key: string, remote: RemoteResult, question: Question): string {
  if (PLAIN.test(field)) return field;
  const [, hexadecimal] = HEXADECIMAL.exec(field) ?? [];
  if (hexadecimal !== undefined) return Buffer.from(hexadecimal, 'hex').toString('latin1');
  const [, base64] = BASE64.exec(field) ?? [];
  if (base64 !== undefined) return Buffer.from(base64, 'base64').toString('latin1');
  throw unreadable(remote, question, `what the answer says of ${key} cannot be read`);
}

function unreadable(remote: RemoteResult, question: Question, what: string, cause?: unknown): GclabError {
  const { doing, target } = question;
  return new GclabError({
    code: remote.timedOut ? 'remote-timeout' : 'guest-answer',
    doing,
    target,
    what,
    hint: 'log in by hand and see whether `sh` starts there and prints nothing of its own',
    result: remote,
    cause,
  });
}

function whyIncomplete(remote: RemoteResult, { maxBytes }: Question): string {
  if (remote.timedOut) return `no whole answer within ${Math.round(remote.durationMs / 1_000)} s`;
  if (remote.stdout.length >= maxBytes) return `what it prints is longer than ${formatBytes(maxBytes)}`;
  const said = remote.stderr.trim().split('\n').at(-1) ?? '';
  const words = said === '' ? '' : `: ${said.slice(0, 300)}`;
  if (remote.exitCode === null)
    return `the command ended without an exit status and without a whole answer${words}`;
  return `no whole answer (exit ${remote.exitCode})${words}`;
}

// ── schemas of records ──────────────────────────────────────────────────────────────────────────

/** Bytes as they are, one character each. */
export const bytes = (max: number) => z.string().max(max);

/** Text in UTF-8. What is no UTF-8 becomes U+FFFD. */
export const text = (max: number) =>
  z
    .string()
    .transform((field) => Buffer.from(field, 'latin1').toString('utf8'))
    .pipe(z.string().max(max));

/** A record of one field. */
export const single = <T>(field: z.ZodType<T, string>) => z.tuple([field]).transform(([value]) => value);

/** Exactly one record of its key, at most one (else null), and up to `max`. */
export const one = <T>(record: z.ZodType<T, Fields>) => z.tuple([record]).transform(([value]) => value);
export const perhaps = <T>(record: z.ZodType<T, Fields>) =>
  z
    .array(record)
    .max(1)
    .default([])
    .transform((all) => all[0] ?? null);
export const many = <T>(record: z.ZodType<T, Fields>, max: number) => z.array(record).max(max).default([]);
