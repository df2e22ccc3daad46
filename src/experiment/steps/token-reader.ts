import { StepError } from './step.js';
import type { Token } from './tokens.js';

/** Walks over tokens; past the last one there is always one more `end`. */
export class TokenReader {
  #next = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  peek(): Token {
    const token = this.tokens[Math.min(this.#next, this.tokens.length - 1)];
    if (token === undefined) throw new Error('a list of tokens ends with an end');
    return token;
  }

  take(): Token {
    const token = this.peek();
    this.#next += 1;
    return token;
  }

  /** Takes this very word if it comes next. */
  takeWord(word: string): boolean {
    const isNext = this.peek().kind === 'word' && this.peek().text === word;
    if (isNext) this.#next += 1;
    return isNext;
  }

  skipSeparators(): void {
    while (this.peek().kind === 'separator') this.#next += 1;
  }

  /** A step ends at a separator, the end of its block or of the text. */
  expectEndOfStep(): void {
    const token = this.peek();
    if (token.kind === 'separator' || token.kind === 'close' || token.kind === 'end') return;
    const shown = JSON.stringify(token.text.slice(0, 60));
    throw new StepError(`${shown} is too much here`, token.place, 'part steps with ; or a new line');
  }
}
