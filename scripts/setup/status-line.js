/** Without a terminal, a sign of life this often. */
const PLAIN_EVERY_MS = 30_000;
const REDRAW_EVERY_MS = 500;

/** @typedef {{ write(text: string): unknown, isTTY?: boolean, columns?: number }} Output */

/**
 * One thing that takes long, on one line. On a terminal the line is redrawn with the seconds it has taken; elsewhere
 * there is a line when it begins, one every half minute, and one when it has ended.
 */
export class StatusLine {
  #output;
  #doing;
  #detail = '';
  #startedAt = performance.now();
  #timer;

  /** @param {Output} output @param {string} doing as a participle: `setup: installing npm packages` */
  constructor(output, doing) {
    this.#output = output;
    this.#doing = doing;
    this.#draw();
    this.#timer = setInterval(() => this.#draw(), this.#isDrawn ? REDRAW_EVERY_MS : PLAIN_EVERY_MS);
  }

  /** What is being done of it right now. @param {string} detail */
  show(detail) {
    this.#detail = detail;
  }

  /** Takes the line's place for good, with the seconds it took. @param {string} [done] nothing takes the line away */
  end(done) {
    clearInterval(this.#timer);
    if (this.#isDrawn) this.#output.write('\r\x1b[K');
    if (done !== undefined) this.#output.write(`${done} (${this.#seconds} s)\n`);
  }

  get #seconds() {
    return Math.round((performance.now() - this.#startedAt) / 1_000);
  }

  get #isDrawn() {
    return this.#output.isTTY === true && process.env['TERM'] !== 'dumb';
  }

  #draw() {
    const detail = [this.#seconds > 0 ? `${this.#seconds} s` : '', this.#detail].filter(
      (part) => part !== '',
    );
    const line = `${this.#doing}${detail.length > 0 ? `: ${detail.join(', ')}` : ' …'}`;
    if (!this.#isDrawn) {
      this.#output.write(`${line}\n`);
      return;
    }
    // A line that wraps could not be drawn over.
    this.#output.write(`\r\x1b[K${line.slice(0, (this.#output.columns || 80) - 1)}`);
  }
}
