import { commandNames } from '../../../experiment/steps/commands.js';
import { METRICS } from '../../../journal/trial/figures.js';

/** What the word under the cursor may become, as readline asks: the choices, and the part that they replace. */
export function complete(line: string): [string[], string] {
  const start = line.slice(Math.max(...[';', '{'].map((sign) => line.lastIndexOf(sign))) + 1).trimStart();
  const words = start.split(/\s+/);
  const word = words.at(-1) ?? '';
  const choices = choicesAfter(words.slice(0, -1)).filter((choice) => choice.startsWith(word));
  return [choices.map((choice) => `${choice} `), word];
}

function choicesAfter(before: readonly string[]): readonly string[] {
  const [command] = before;
  if (command === undefined) return commandNames(true);
  if (command === 'until') return before.length === 1 ? METRICS : before.length === 4 ? ['within'] : [];
  return command === 'add' && before.length === 2 ? ['of'] : [];
}

/** Whether the word cannot be made longer without choosing. */
export function isAmbiguous([first = '', ...others]: readonly string[], word: string): boolean {
  const longer = first.slice(0, word.length + 1);
  return others.length > 0 && !others.every((other) => other.startsWith(longer));
}
