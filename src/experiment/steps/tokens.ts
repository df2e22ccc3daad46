import { type Place, StepError } from './step.js';

export interface Token {
  readonly kind: 'word' | 'text' | 'open' | 'close' | 'separator' | 'comparison' | 'end';
  readonly text: string;
  readonly place: Place;
}

/** A line of a session, or all steps of a scenario: more than this was not typed by anyone. */
const MAX_TEXT = 64 * 1024;

const PATTERN =
  /(?<blank>[ \t\r]+|#[^\n]*)|(?<separator>[;\n])|(?<open>\{)|(?<close>\})|(?<comparison><=|>=|==|<|>|=)|"(?<text>[^"\n]*)"|(?<word>[^\s;{}<>="#]+)/y;

/** Takes text apart; ends with an `end` token. `from` is where the text stands in its file. */
export function tokensOf(text: string, from: Place = { line: 1, column: 1 }): Token[] {
  if (text.length > MAX_TEXT) throw new StepError('this is too long', from, 'put it in a scenario, in parts');
  const tokens: Token[] = [];
  let place = from;
  let at = 0;
  while (at < text.length) {
    const { kind, piece, length } = next(text, at, place);
    if (kind !== 'blank') tokens.push({ kind, text: piece, place });
    place =
      text[at] === '\n' ? { line: place.line + 1, column: 1 } : { ...place, column: place.column + length };
    at += length;
  }
  return [...tokens, { kind: 'end', text: '', place }];
}

function next(
  text: string,
  at: number,
  place: Place,
): { kind: Token['kind'] | 'blank'; piece: string; length: number } {
  PATTERN.lastIndex = at;
  const match = PATTERN.exec(text);
  const found = Object.entries(match?.groups ?? {}).find(([, piece]) => piece !== undefined);
  if (match === null || found === undefined) throw unreadable(text[at] ?? '', place);
  return { kind: found[0] as Token['kind'] | 'blank', piece: found[1], length: match[0].length };
}

function unreadable(character: string, place: Place): StepError {
  return character === '"'
    ? new StepError('a quoted name has no end', place, 'close it with " on the same line')
    : new StepError(`${JSON.stringify(character)} belongs to no step`, place, 'help shows the commands');
}
