const ESCAPE = '\u001b';
const SEQUENCE = /^\[([?\d;]*)([A-Za-z])/;

/** What a terminal shows: so much of one as readline and a panel need, without colours. */
export class Screen {
  #lines: string[][];
  #row = 0;
  #column = 0;

  constructor(
    readonly columns: number,
    readonly rows: number,
  ) {
    this.#lines = Array.from({ length: rows }, () => []);
  }

  /** From top to bottom, without the spaces at the ends. */
  get lines(): string[] {
    return this.#lines.map((line) =>
      Array.from(line, (sign) => sign ?? ' ')
        .join('')
        .trimEnd(),
    );
  }

  /** Takes whole sequences only. */
  write(text: string): void {
    const [plain = '', ...escaped] = text.split(ESCAPE);
    for (const sign of plain) this.#put(sign);
    for (const piece of escaped) {
      const [sequence = '', parameters = '', command = ''] = SEQUENCE.exec(piece) ?? [];
      this.#obey(parameters, command);
      for (const sign of piece.slice(sequence.length)) this.#put(sign);
    }
  }

  #obey(parameters: string, command: string): void {
    const count = Number(parameters || 1);
    switch (command) {
      case 'A':
        this.#row = Math.max(0, this.#row - count);
        break;
      case 'B':
        this.#row = Math.min(this.rows - 1, this.#row + count);
        break;
      case 'C':
        this.#column = Math.min(this.columns - 1, this.#column + count);
        break;
      case 'D':
        this.#column = Math.max(0, this.#column - count);
        break;
      case 'G':
        this.#column = count - 1;
        break;
      case 'H': {
        const [row = 1, column = 1] = parameters.split(';').map((one) => Number(one || 1));
        this.#row = row - 1;
        this.#column = column - 1;
        break;
      }
      case 'J':
        for (const [row, line] of this.#lines.entries()) {
          if (parameters === '2' || row > this.#row) line.length = 0;
          else if (row === this.#row) line.length = Math.min(line.length, this.#column);
        }
        break;
      case 'K':
        this.#line.length = Math.min(this.#line.length, this.#column);
        break;
      default:
        break;
    }
  }

  #put(sign: string): void {
    if (sign === '\r') this.#column = 0;
    else if (sign === '\n') this.#feed();
    else if (sign >= ' ') {
      if (this.#column === this.columns) {
        this.#column = 0;
        this.#feed();
      }
      this.#line[this.#column] = sign;
      this.#column += 1;
    }
  }

  #feed(): void {
    if (this.#row < this.rows - 1) {
      this.#row += 1;
      return;
    }
    this.#lines = [...this.#lines.slice(1), []];
  }

  get #line(): string[] {
    return this.#lines[this.#row] ?? [];
  }
}
