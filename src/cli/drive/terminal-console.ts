import { createInterface, type Interface } from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';
import type { Console } from './console.js';
import type { History } from './history.js';

const PROMPT = 'gclab> ';
/** Ten pictures a second. */
const FRAME_MS = 100;
/** A panel needs room for something above it, too. */
const LEAST_ROWS = 14;

export interface TerminalSettings {
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly history: History;
  readonly complete: (line: string) => [string[], string];
}

/** A prompt at the bottom, a panel above it that is drawn in place, and what is printed scrolls away above both. */
export function terminalConsole(settings: TerminalSettings): Console {
  return new TerminalConsole(settings);
}

class TerminalConsole implements Console {
  readonly isTerminal = true;
  readonly #output: WriteStream;
  readonly #reader: Interface;
  readonly #typed: string[] = [];
  #wake: (() => void) | undefined;
  #closed = false;
  #interrupt: () => void = () => {};
  #draw: ((width: number) => string[]) | undefined;
  /** How many lines of the panel stand above the prompt. */
  #drawn = 0;
  readonly #frames: NodeJS.Timeout;
  readonly #history: History;

  constructor({ input, output, history, complete }: TerminalSettings) {
    this.#output = output;
    this.#history = history;
    this.#reader = createInterface({
      input,
      output,
      prompt: PROMPT,
      history: [...history.lines],
      removeHistoryDuplicates: true,
      completer: complete,
      terminal: true,
    });
    this.#reader.on('line', (line) => this.#take(line));
    this.#reader.on('SIGINT', () => this.#onInterrupt());
    this.#reader.on('close', () => this.#end());
    output.on('resize', this.#onResize);
    this.#reader.prompt();
    this.#frames = setInterval(() => this.#frame(), FRAME_MS);
  }

  async nextLine(): Promise<string | undefined> {
    while (this.#typed.length === 0) {
      if (this.#closed) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#typed.shift();
  }

  print(line: string): void {
    if (this.#closed) this.#output.write(`${line}\n`);
    else this.#redraw(`${this.#up()}${CLEAR_BELOW}${line}\n`);
  }

  onInterrupt(listener: () => void): void {
    this.#interrupt = listener;
  }

  showPanel(draw: ((width: number) => string[]) | undefined): void {
    this.#draw = draw;
    if (!this.#closed) this.#redraw(this.#up() + CLEAR_BELOW);
  }

  close(): void {
    if (!this.#closed) this.#reader.close();
  }

  /** The entered line scrolls away as any other; the prompt comes back at once, for what is typed ahead. */
  #take(line: string): void {
    const rows = 1 + Math.floor((PROMPT.length + line.length) / this.#width);
    this.#redraw(`\r${up(rows + this.#drawn)}${CLEAR_BELOW}${PROMPT}${line}\n`);
    this.#typed.push(line);
    this.#wake?.();
    if (line.trim() !== '') this.#history.add(line);
  }

  #onInterrupt(): void {
    const isEmpty = this.#reader.line === '';
    // What was typed so far is dropped, as a shell does.
    this.#reader.write(null, { ctrl: true, name: 'e' });
    this.#reader.write(null, { ctrl: true, name: 'u' });
    if (isEmpty) this.#interrupt();
  }

  readonly #onResize = (): void => this.#redraw(CLEAR_SCREEN);

  #end(): void {
    if (this.#closed) return;
    clearInterval(this.#frames);
    this.#output.off('resize', this.#onResize);
    // The last picture stays, and what is printed now stands below it in place of the prompt.
    this.#output.write(`\r${CLEAR_BELOW}`);
    this.#closed = true;
    this.#wake?.();
  }

  /** From wherever the cursor is in the prompt to the first line of the panel. */
  #up(): string {
    return `\r${up(this.#reader.getCursorPos().rows + this.#drawn)}`;
  }

  #redraw(before: string): void {
    const panel = this.#panel();
    this.#drawn = panel.length;
    // Where the cursor stands now is a line of its own, whatever was typed before.
    (this.#reader as Interface & { prevRows?: number }).prevRows = 0;
    this.#output.write(`${BEGIN_FRAME}${before}${panel.map((line) => `${line}\n`).join('')}`);
    this.#reader.prompt(true);
    this.#output.write(END_FRAME);
  }

  /** The panel alone, in place; the prompt below it and the cursor in it are left as they are. */
  #frame(): void {
    const panel = this.#panel();
    if (panel.length !== this.#drawn) this.#redraw(this.#up() + CLEAR_BELOW);
    else if (panel.length > 0) this.#drawInPlace(panel);
  }

  #drawInPlace(panel: readonly string[]): void {
    const { rows, cols } = this.#reader.getCursorPos();
    const lines = panel.map((line) => `${line}${CLEAR_REST}\n`).join('');
    const back = `${rows > 0 ? `\u001b[${rows}B` : ''}\r${cols > 0 ? `\u001b[${cols}C` : ''}`;
    this.#output.write(`${BEGIN_FRAME}${this.#up()}${lines}${back}${END_FRAME}`);
  }

  #panel(): string[] {
    if (this.#draw === undefined || (this.#output.rows ?? 0) < LEAST_ROWS) return [];
    return this.#draw(this.#width - 1);
  }

  get #width(): number {
    return Math.max(20, this.#output.columns ?? 80);
  }
}

const CLEAR_BELOW = '\u001b[J';
const CLEAR_REST = '\u001b[K';
const CLEAR_SCREEN = '\u001b[2J\u001b[H';
/** Terminals that know it show the frame as one; the cursor does not flicker on the others. */
const BEGIN_FRAME = '\u001b[?2026h\u001b[?25l';
const END_FRAME = '\u001b[?25h\u001b[?2026l';

function up(rows: number): string {
  return rows > 0 ? `\u001b[${rows}A` : '';
}
