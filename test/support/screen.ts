const ESCAPE = '\u001b';
const SEQUENCE = /^\[([?\d;]*)([A-Za-z])/;

/** What a terminal shows: so much of one as readline and a panel need, without colours. */
export class Screen {
  #lines: string[][];
  #row = 0;
  #column = 0;

  constructor(
    public columns: number,
    public rows: number,
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

  /** As terminals do that break anew: a line too long for the new width becomes several, and the cursor stays at its sign. */
  resize(columns: number, rows: number): void {
    const broken = this.#lines.map((line) => piecesOf(line, columns));
    const above = broken.slice(0, this.#row).reduce((sum, pieces) => sum + pieces.length, 0);
    const lines = broken.flat();
    const row = above + Math.floor(this.#column / columns);
    const scrolled = Math.max(0, row - rows + 1);
    this.#lines = Array.from({ length: rows }, (_, index) => lines[index + scrolled] ?? []);
    this.#row = row - scrolled;
    this.#column %= columns;
    this.columns = columns;
    this.rows = rows;
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

function piecesOf(line: readonly string[], columns: number): string[][] {
  const count = Math.max(1, Math.ceil(line.length / columns));
  return Array.from({ length: count }, (_, index) => line.slice(index * columns, (index + 1) * columns));
}
