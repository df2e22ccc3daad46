import type { Document, Node } from 'yaml';
import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { GclabError } from '../../errors.js';
import type { Place } from '../steps/step.js';

/** A scenario is a page or two. */
const MAX_BYTES = 64 * 1024;
/** Aliases multiply what is behind them; scenarios have no need of more. */
const MAX_ALIASES = 20;
/** Deeper than any scenario; the parser calls itself for each. */
const MAX_DEPTH = 50;

/** The text of a scenario's file, parsed as YAML, with the place of everything in it. */
export class ScenarioSource {
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;
  readonly value: unknown;

  /** Throws `bad-scenario` where it is no YAML, or a bomb. `name` is the file's, for messages. */
  constructor(
    readonly name: string,
    readonly text: string,
  ) {
    if (Buffer.byteLength(text) > MAX_BYTES) {
      throw this.error('it is longer than 64 KiB', undefined, 'repeat steps with: repeat N { … }');
    }
    refuseDepth(text, (at) => this.error('it is nested too deeply', at, 'steps stand in one list'));
    this.#document = parseDocument(text, { lineCounter: this.#lines, version: '1.2', logLevel: 'error' });
    const [problem] = [...this.#document.errors, ...this.#document.warnings];
    if (problem !== undefined) {
      const at = this.#lines.linePos(problem.pos[0]);
      const what = problem.message.split('\n')[0]?.replace(/ at line \d+.*$/, '') ?? problem.code;
      throw this.error(`it is not YAML as expected: ${what}`, { line: at.line, column: at.col });
    }
    this.value = this.#toValue();
  }

  /** Where the value at a path stands; the nearest one around it where there is none. */
  placeOf(path: readonly PropertyKey[]): Place {
    for (let length = path.length; length >= 0; length -= 1) {
      const start = this.#nodeAt(path.slice(0, length))?.range?.[0];
      if (start !== undefined) return this.#placeAt(start);
    }
    return { line: 1, column: 1 };
  }

  /** Where the key stands that a path ends with, rather than its value. */
  keyPlaceOf(path: readonly PropertyKey[]): Place {
    const parent = this.#nodeAt(path.slice(0, -1));
    const pairs = isMap(parent) ? parent.items : [];
    const keys = pairs.map(({ key }) => key).filter((key) => isScalar(key));
    const start = keys.find(({ value }) => value === path.at(-1))?.range?.[0];
    return start === undefined ? this.placeOf(path) : this.#placeAt(start);
  }

  /** Where the text of a scalar begins: past a quote, or on the first line of a block. */
  textPlaceOf(path: readonly PropertyKey[]): Place {
    const node = this.#nodeAt(path);
    const start = this.placeOf(path);
    if (!isScalar(node)) return start;
    if (node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') {
      return { ...start, column: start.column + 1 };
    }
    if (node.type !== 'BLOCK_LITERAL' && node.type !== 'BLOCK_FOLDED') return start;
    const line = this.text.split('\n')[start.line] ?? '';
    return { line: start.line + 1, column: line.length - line.trimStart().length + 1 };
  }

  /** How far every line but the first of a block is indented in the file. */
  indentOf(path: readonly PropertyKey[]): number {
    return this.textPlaceOf(path).column - 1;
  }

  error(what: string, at?: Place, hint?: string): GclabError {
    const where = at === undefined ? '' : `line ${at.line}, column ${at.column}: `;
    return new GclabError({
      code: 'bad-scenario',
      doing: `reading the scenario ${this.name}`,
      what: `${where}${what}`,
      hint: hint ?? 'gclab scenario schema prints what a scenario may have',
    });
  }

  #nodeAt(path: readonly PropertyKey[]): Node | undefined {
    const node = path.length === 0 ? this.#document.contents : this.#document.getIn(path, true);
    return isNode(node) ? node : undefined;
  }

  #placeAt(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { line, column: col };
  }

  #toValue(): unknown {
    try {
      return this.#document.toJS({ maxAliasCount: MAX_ALIASES });
    } catch (cause) {
      const what = cause instanceof Error ? cause.message : String(cause);
      throw this.error(
        `its aliases cannot be followed: ${what}`,
        undefined,
        'write the steps out, or use repeat',
      );
    }
  }
}

/** Before parsing, since a stack that overflows in there is nobody's error message. */
function refuseDepth(text: string, error: (at: Place) => GclabError): void {
  let depth = 0;
  for (const [index, line] of text.split('\n').entries()) {
    for (let column = 0; column < line.length; column += 1) {
      if (line[column] === '[' || line[column] === '{') depth += 1;
      if (line[column] === ']' || line[column] === '}') depth = Math.max(0, depth - 1);
      const dashes = /^[\s?:-]*/.exec(line)?.[0].replace(/\s/g, '').length ?? 0;
      if (depth + dashes > MAX_DEPTH) throw error({ line: index + 1, column: column + 1 });
    }
  }
}
