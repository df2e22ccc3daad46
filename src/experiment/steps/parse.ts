import { nearest } from '../../nearest.js';
import {
  commandNames,
  isSessionName,
  isStepName,
  SESSION_HELP,
  STEP_HELP,
  type StepName,
} from './commands.js';
import { parseAmount, parseCondition, parseCount, parseTime } from './operands.js';
import { type Command, type Place, type PlainStep, type Step, StepError } from './step.js';
import { TokenReader } from './token-reader.js';
import { type Token, tokensOf } from './tokens.js';

/** Blocks in blocks: nobody writes more, and every one is a call deep. */
const MAX_DEPTH = 8;

/** The steps of a scenario; throws a `StepError`. `from` is where the text stands in its file. */
export function parseSteps(text: string, from?: Place): Step[] {
  const reader = new TokenReader(tokensOf(text, from));
  return listOf(reader, (word) => stepOf(reader, word, 0));
}

/** A line typed in a session: steps, and what only a session knows. */
export function parseCommands(text: string): Command[] {
  const reader = new TokenReader(tokensOf(text));
  return listOf(reader, (word) => sessionCommandOf(reader, word) ?? stepOf(reader, word, 0, true));
}

/** Commands parted by `;` or a new line. */
function listOf<T>(reader: TokenReader, one: (word: Token) => T): T[] {
  const all: T[] = [];
  for (;;) {
    reader.skipSeparators();
    const word = reader.take();
    if (word.kind === 'end') return all;
    if (word.kind === 'close') throw new StepError('a } without its {', word.place, 'take it away');
    all.push(one(word));
    reader.expectEndOfStep();
  }
}

function sessionCommandOf(reader: TokenReader, word: Token): Command | undefined {
  if (word.kind !== 'word' || !isSessionName(word.text)) return undefined;
  if (word.text !== 'save') return { do: word.text };
  const file = reader.take();
  if ((file.kind === 'word' || file.kind === 'text') && file.text !== '')
    return { do: 'save', file: file.text };
  throw new StepError(
    'the name of a file is missing',
    file.place,
    `write it like: ${SESSION_HELP.save.usage}`,
  );
}

function stepOf(reader: TokenReader, word: Token, depth: number, inSession = false): Step {
  if (word.kind !== 'word' || !isStepName(word.text)) throw unknown(word, inSession);
  const name = word.text;
  return name === 'repeat' ? repeatOf(reader, word.place, depth) : plainOf(reader, name);
}

function plainOf(reader: TokenReader, name: Exclude<StepName, 'repeat'>): PlainStep {
  switch (name) {
    case 'add': {
      const amount = parseAmount(reader, STEP_HELP.add.usage);
      return reader.takeWord('of')
        ? { do: 'add', amount, of: parseAmount(reader, STEP_HELP.add.usage) }
        : { do: 'add', amount };
    }
    case 'rel':
    case 'cache':
      return { do: name, amount: parseAmount(reader, STEP_HELP[name].usage) };
    case 'wait':
      return { do: 'wait', ms: parseTime(reader, STEP_HELP.wait.usage) };
    case 'until':
      return { do: 'until', ...parseCondition(reader) };
    case 'gc':
    case 'stats':
    case 'reset':
      return { do: name };
  }
}

function repeatOf(reader: TokenReader, place: Place, depth: number): Step {
  if (depth === MAX_DEPTH) {
    throw new StepError(
      `more than ${MAX_DEPTH} repeats inside each other`,
      place,
      'repeat in one, more often',
    );
  }
  const times = parseCount(reader, STEP_HELP.repeat.usage);
  const open = reader.take();
  if (open.kind !== 'open') throw new StepError('a { is missing', open.place, STEP_HELP.repeat.usage);
  const steps: Step[] = [];
  for (reader.skipSeparators(); reader.peek().kind !== 'close'; reader.skipSeparators()) {
    if (reader.peek().kind === 'end')
      throw new StepError('this { has no }', open.place, STEP_HELP.repeat.usage);
    steps.push(stepOf(reader, reader.take(), depth + 1));
    reader.expectEndOfStep();
  }
  const close = reader.take();
  if (steps.length > 0) return { do: 'repeat', times, steps };
  throw new StepError('there is nothing to repeat', close.place, STEP_HELP.repeat.usage);
}

function unknown(word: Token, inSession: boolean): StepError {
  if (isSessionName(word.text) && !inSession) {
    return new StepError(`${word.text} belongs to a session`, word.place, 'leave it out of these steps');
  }
  const names = commandNames(inSession);
  const meant = nearest(word.text, names);
  const hint = meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${meant}?`;
  return new StepError(`unknown command ${JSON.stringify(word.text.slice(0, 60))}`, word.place, hint);
}
