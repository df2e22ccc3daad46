import { createInterface, type Interface } from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';
import { isAmbiguous } from './complete.js';
import type { Console } from './console.js';
import type { History } from './history.js';
import { TerminalScreen } from './screen.js';

const PROMPT = 'gclab> ';
/** Ten pictures a second. */
const FRAME_MS = 100;

export interface TerminalSettings {
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly history: History;
  readonly complete: (line: string) => [string[], string];
}

/** A prompt with history and completion, and a panel above it. */
export function terminalConsole(settings: TerminalSettings): Console {
  return new TerminalConsole(settings);
}

class TerminalConsole implements Console {
  readonly isTerminal = true;
  readonly #reader: Interface;
  readonly #screen: TerminalScreen;
  readonly #frames: NodeJS.Timeout;
  readonly #typed: string[] = [];
  #wake: (() => void) | undefined;
  #closed = false;
  #interrupt: (dropped: readonly string[]) => void = () => {};

  constructor(private readonly terminal: TerminalSettings) {
    const { input, output, history } = terminal;
    this.#reader = createInterface({
      input,
      output,
      prompt: PROMPT,
      history: [...history.lines],
      removeHistoryDuplicates: true,
      completer: (line: string) => this.#complete(line),
      terminal: true,
    });
    this.#screen = new TerminalScreen(output, this.#reader);
    this.#reader.on('line', (line) => this.#take(line));
    this.#reader.on('SIGINT', () => this.#onInterrupt());
    this.#reader.on('SIGTSTP', () => this.#suspend());
    this.#reader.on('close', () => this.#end());
    output.on('resize', this.#onResize);
    input.on('keypress', this.#onKey);
    process.on('SIGCONT', this.#onContinue);
    this.#reader.prompt();
    this.#frames = setInterval(() => this.#screen.frame(), FRAME_MS);
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
    if (this.#closed) this.terminal.output.write(`${line}\n`);
    else this.#screen.print(line);
  }

  onInterrupt(listener: (dropped: readonly string[]) => void): void {
    this.#interrupt = listener;
  }

  showPanel(draw: ((width: number) => string[]) | undefined): void {
    if (!this.#closed) this.#screen.show(draw);
  }

  close(): void {
    if (!this.#closed) this.#reader.close();
  }

  /** The entered line scrolls away as any other; the prompt comes back at once, for what is typed ahead. */
  #take(line: string): void {
    this.#screen.print(PROMPT + line, 1 + Math.floor((PROMPT.length + line.length) / this.#screen.width));
    this.#typed.push(line);
    this.#wake?.();
    // The next session begins where this one was, and not with its end.
    if (!['', 'quit'].includes(line.trim())) this.terminal.history.add(line);
  }

  /** Several choices are listed above the panel; readline would write them across it. */
  #complete(line: string): [string[], string] {
    const [choices, word] = this.terminal.complete(line);
    if (!isAmbiguous(choices, word)) return [choices, word];
    this.print(choices.map((choice) => choice.trimEnd()).join('  '));
    return [[], word];
  }

  #onInterrupt(): void {
    const isEmpty = this.#reader.line === '';
    // What was typed so far is dropped, as a shell does.
    this.#reader.write(null, { ctrl: true, name: 'e' });
    this.#reader.write(null, { ctrl: true, name: 'u' });
    if (isEmpty) this.#interrupt(this.#typed.splice(0));
  }

  readonly #onResize = (): void => this.#screen.redrawResized();

  /** On Ctrl-L readline clears the screen, and the panel with it. */
  readonly #onKey = (_: unknown, key: { readonly ctrl?: boolean; readonly name?: string }): void => {
    if (key.ctrl === true && key.name === 'l') this.#screen.redrawCleared();
  };

  /** On Ctrl-Z. What readline does by itself would leave it deaf until the next prompt. */
  #suspend(): void {
    this.#screen.leave();
    this.terminal.input.setRawMode(false);
    process.kill(process.pid, 'SIGTSTP');
    // Where no shell is there to stop and continue this process it is here at once.
    this.terminal.input.setRawMode(true);
  }

  /** A shell had the terminal in a mode of its own, and setting one that is set already does nothing. */
  readonly #onContinue = (): void => {
    this.terminal.input.setRawMode(false);
    this.terminal.input.setRawMode(true);
    this.#screen.redraw();
  };

  #end(): void {
    if (this.#closed) return;
    const { input, output } = this.terminal;
    clearInterval(this.#frames);
    output.off('resize', this.#onResize);
    input.off('keypress', this.#onKey);
    process.off('SIGCONT', this.#onContinue);
    this.#screen.end();
    this.#closed = true;
    this.#wake?.();
  }
}
