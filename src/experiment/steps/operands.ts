import { METRICS, type Metric } from '../../journal/trial/figures.js';
import { nearest } from '../../nearest.js';
import { parseDuration, parseSize } from '../../units.js';
import { type Amount, COMPARISONS, type Comparison, type Condition, StepError } from './step.js';
import type { TokenReader } from './token-reader.js';
import type { Token } from './tokens.js';

/** Beyond these a typing mistake is likelier than a wish. */
const MAX_BYTES = 2 ** 50;
const MAX_MS = 24 * 3_600_000;
const MAX_PERCENT = 1_000;
const MAX_TIMES = 1_000_000;
const USUAL_WITHIN_MS = 10_000;

/** `10MiB`, `90%` of the hard limit, or plain bytes. */
export function parseAmount(reader: TokenReader, usage: string): Amount {
  const word = operand(reader, 'a size', usage);
  return (
    amountOf(word.text) ?? wrong(word, 'no size', 'write it like 10MiB, 10M, 4096 or 90% (of the limit)')
  );
}

/** Undefined where the text is none, or one that no machine has. */
function amountOf(text: string): Amount | undefined {
  const percent = /^(\d{1,4}(?:\.\d{1,3})?)%$/.exec(text)?.[1];
  if (percent !== undefined) {
    return Number(percent) > 0 && Number(percent) <= MAX_PERCENT ? { percent: Number(percent) } : undefined;
  }
  const bytes = parseSize(text);
  return bytes !== undefined && bytes <= MAX_BYTES ? { bytes } : undefined;
}

export function parseTime(reader: TokenReader, usage: string): number {
  const word = operand(reader, 'a time', usage);
  const ms = parseDuration(word.text);
  return ms !== undefined && ms <= MAX_MS
    ? ms
    : wrong(word, 'no time', 'write it like 100ms, 2s or 1m; at most 24h');
}

export function parseCount(reader: TokenReader, usage: string): number {
  const word = operand(reader, 'how often', usage);
  const times = /^\d{1,7}$/.test(word.text) ? Number(word.text) : 0;
  return times >= 1 && times <= MAX_TIMES
    ? times
    : wrong(word, 'no count', `a whole number up to ${MAX_TIMES}`);
}

const UNTIL = 'until heapInUse < 10MiB within 5s';

export function parseCondition(reader: TokenReader): { condition: Condition; withinMs: number } {
  const metric = metricOf(operand(reader, 'a figure to wait for', UNTIL));
  const sign = reader.take();
  const is = COMPARISONS.find((one) => one === sign.text);
  if (is === undefined) wrong(sign, 'no comparison', `there are ${COMPARISONS.join(' ')}`);
  const condition: Condition = { metric, is: is as Comparison, than: thresholdOf(reader, metric) };
  return { condition, withinMs: reader.takeWord('within') ? parseTime(reader, UNTIL) : USUAL_WITHIN_MS };
}

function metricOf(word: Token): Metric {
  const known = METRICS.find((metric) => metric === word.text);
  if (known !== undefined) return known;
  const meant = nearest(word.text, METRICS);
  return wrong(
    word,
    'no figure',
    meant === undefined ? `there are ${METRICS.join(', ')}` : `did you mean ${meant}?`,
  );
}

/** A count for `numGC`, else a size that may be 0. */
function thresholdOf(reader: TokenReader, metric: Metric): Amount {
  const word = operand(reader, 'what to compare with', UNTIL);
  if (metric === 'numGC' || word.text === '0') {
    return /^\d{1,9}$/.test(word.text)
      ? { bytes: Number(word.text) }
      : wrong(word, 'no count', 'a whole number');
  }
  return amountOf(word.text) ?? wrong(word, 'no size', 'write it like 10MiB or 90% (of the limit)');
}

function operand(reader: TokenReader, what: string, usage: string): Token {
  const token = reader.take();
  if (token.kind === 'word') return token;
  throw new StepError(`${what} is missing`, token.place, `write it like: ${usage}`);
}

function wrong(token: Token, what: string, hint: string): never {
  throw new StepError(`${JSON.stringify(token.text.slice(0, 60))} is ${what}`, token.place, hint);
}
