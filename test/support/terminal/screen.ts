import xterm from '@xterm/headless';

/** What a terminal shows of what is written to it. */
export class Screen {
  readonly #terminal: InstanceType<typeof xterm.Terminal>;
  /** What was written so far is on the screen. */
  #written: Promise<void> = Promise.resolve();

  /** `reflowCursorLine`: whether a narrower terminal also breaks the line with the cursor in it, which terminals differ in. */
  constructor(columns: number, rows: number, reflowCursorLine = false) {
    this.#terminal = new xterm.Terminal({
      cols: columns,
      rows,
      allowProposedApi: true,
      scrollback: 5_000,
      reflowCursorLine,
    });
  }

  write(text: string): void {
    this.#written = new Promise((resolve) => this.#terminal.write(text, resolve));
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#written;
    this.#terminal.resize(columns, rows);
  }

  /** What stands on the screen now, from top to bottom, without the spaces at the ends. */
  async lines(): Promise<string[]> {
    await this.#written;
    const { viewportY } = this.#terminal.buffer.active;
    return this.#linesFrom(viewportY, viewportY + this.#terminal.rows);
  }

  /** The same with everything that scrolled away above it. */
  async everything(): Promise<string[]> {
    await this.#written;
    return this.#linesFrom(0, this.#terminal.buffer.active.length);
  }

  #linesFrom(first: number, end: number): string[] {
    const { active } = this.#terminal.buffer;
    return Array.from(
      { length: end - first },
      (_, row) =>
        active
          .getLine(first + row)
          ?.translateToString()
          .trimEnd() ?? '',
    );
  }
}
