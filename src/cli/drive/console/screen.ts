import type { Interface } from 'node:readline';
import type { WriteStream } from 'node:tty';
import { widthOf } from '../../show/fitted.js';

/** A panel needs room for something above it, too. */
const LEAST_ROWS = 14;
const LEAST_COLUMNS = 20;

/** A prompt at the bottom, a panel above it that is drawn in place; what is printed scrolls away above both. */
export class TerminalScreen {
  #draw: ((width: number) => string[]) | undefined;
  /** The lines of the panel that stand above the prompt. */
  #drawn: readonly string[] = [];

  /** The reader draws the prompt and what is typed. */
  constructor(
    private readonly output: WriteStream,
    private readonly reader: Interface,
  ) {}

  get width(): number {
    return Math.max(LEAST_COLUMNS, widthOf(this.output));
  }

  show(draw: ((width: number) => string[]) | undefined): void {
    this.#draw = draw;
    this.redraw();
  }

  /** Puts a line in place of the lowest rows and of the panel above them; both come again below it. */
  print(line: string, rows = this.reader.getCursorPos().rows): void {
    this.#replace(`\r${up(rows + this.#drawn.length)}${CLEAR_BELOW}${line}\n`);
  }

  redraw(): void {
    this.#replace(this.#up() + CLEAR_BELOW);
  }

  /** Somebody else cleared the screen. */
  redrawCleared(): void {
    this.#replace(CLEAR_SCREEN);
  }

  /** A terminal that became narrower has broken the lines that stood there; what was printed above them stays. */
  redrawResized(): void {
    const broken = this.#drawn.map((line) => Math.max(1, Math.ceil(line.length / this.width)));
    const rows = broken.reduce((sum, one) => sum + one, this.reader.getCursorPos().rows);
    this.#replace(`\r${up(rows)}${CLEAR_BELOW}`);
  }

  /** What stands there is left to somebody else; the next picture comes below it. */
  leave(): void {
    this.#drawn = [];
  }

  /** The panel alone, in place; the prompt below it and the cursor in it are left as they are. */
  frame(): void {
    const panel = this.#panel();
    if (panel.length !== this.#drawn.length) this.redraw();
    else if (panel.length > 0) this.#drawInPlace(panel);
  }

  /** The last picture stays, and what is written now stands below it in place of the prompt. */
  end(): void {
    this.output.write(`\r${CLEAR_BELOW}`);
  }

  /** From wherever the cursor is in the prompt to the first line of the panel. */
  #up(): string {
    return `\r${up(this.reader.getCursorPos().rows + this.#drawn.length)}`;
  }

  #replace(before: string): void {
    const panel = this.#panel();
    this.#drawn = panel;
    // Where the cursor stands now is a line of its own, whatever was typed before.
    (this.reader as Interface & { prevRows?: number }).prevRows = 0;
    this.output.write(`${BEGIN_FRAME}${before}${panel.map((line) => `${line}\n`).join('')}`);
    this.reader.prompt(true);
    this.output.write(END_FRAME);
  }

  #drawInPlace(panel: readonly string[]): void {
    this.#drawn = panel;
    const { rows, cols } = this.reader.getCursorPos();
    const lines = panel.map((line) => `${line}${CLEAR_REST}\n`).join('');
    const back = `${rows > 0 ? `\u001b[${rows}B` : ''}\r${cols > 0 ? `\u001b[${cols}C` : ''}`;
    this.output.write(`${BEGIN_FRAME}${this.#up()}${lines}${back}${END_FRAME}`);
  }

  #panel(): string[] {
    if (this.#draw === undefined || (this.output.rows ?? 0) < LEAST_ROWS) return [];
    return this.#draw(this.width - 1);
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
