import { type ShellValue, shellValue } from './shell-value.js';

/** `/etc/default/grub` is shell. This finds its assignments without running it. */
export interface Assignment {
  readonly name: string;
  /** `+=`, which dash does not know. */
  readonly appends: boolean;
  readonly value: ShellValue;
  /** Within `if`, a loop, a function, a subshell, or behind `&&`: it may not come to pass. */
  readonly conditional: boolean;
}

const ASSIGNMENT = /^([A-Za-z_]\w*)(\+?)=/;
const DECLARES = new Set(['export', 'readonly', 'declare', 'typeset', 'local']);
const OPENS = new Set(['if', 'for', 'while', 'until', 'case', '{', '(']);
const CLOSES: Readonly<Record<string, string>> = { fi: 'if', done: 'do', esac: 'case', '}': '{', ')': '(' };
const LOOPS = new Set(['for', 'while', 'until']);
/** Behind these the next word is a command again. */
const GOES_ON = new Set(['then', 'else', 'elif', 'do', '!', 'if', 'while', 'until', '{']);

/** In order; null where the file is no shell that can be read without running it (a quote that never ends). */
export function assignments(text: string): readonly Assignment[] | null {
  const scan = new Scan(text);
  while (scan.next()) {}
  return scan.failed ? null : scan.found;
}

class Scan {
  readonly found: Assignment[] = [];
  failed = false;
  #at = 0;
  /** What is open around here. */
  #nesting: string[] = [];
  /** Where a command, not an argument, may stand. */
  #isCommand = true;
  #declares = false;
  #isGuarded = false;
  /** Assignments of the simple command being read: they last only if no command follows. */
  #pending: Assignment[] = [];
  #heredocs: string[] = [];

  constructor(readonly text: string) {}

  /** One step; false at the end. */
  next(): boolean {
    const char = this.text[this.#at];
    if (char === undefined) this.#endCommand(false);
    else if (char === ' ' || char === '\t') this.#at++;
    else if (char === '\\' && this.text[this.#at + 1] === '\n') this.#at += 2;
    else if (char === '#') this.#skipTo(this.text.indexOf('\n', this.#at));
    else if (char === '\n') this.#newline();
    else if (/[;&|()<>]/.test(char)) this.#operator(char);
    else this.#word();
    return char !== undefined && !this.failed;
  }

  #skipTo(at: number): void {
    this.#at = at === -1 ? this.text.length : at;
  }

  #newline(): void {
    this.#at++;
    for (const end of this.#heredocs.splice(0)) this.#skipHeredoc(end);
    this.#endCommand(false);
  }

  #skipHeredoc(end: string): void {
    while (this.#at < this.text.length) {
      const line = this.text.slice(this.#at).split('\n', 1)[0] as string;
      this.#skipTo(Math.min(this.#at + line.length + 1, this.text.length));
      if (line.replace(/^\t+/, '') === end) return;
    }
  }

  #operator(char: string): void {
    const doubled = this.text[this.#at + 1] === char;
    this.#at += doubled ? 2 : 1;
    if (char === '<' && doubled) this.#heredoc();
    else if (char === '<' || char === '>') this.#redirection();
    else this.#separator(char, doubled);
  }

  #separator(char: string, doubled: boolean): void {
    if (!doubled) this.#nest(char);
    // A pipe or a background command runs in a shell of its own.
    if ((char === '|' || char === '&') && !doubled) this.#pending = [];
    this.#endCommand(char === '|' || (char === '&' && doubled));
  }

  /** A `)` that closes nothing ends a pattern of `case`. */
  #nest(word: string): void {
    if (OPENS.has(word)) this.#nesting.push(LOOPS.has(word) ? 'do' : word);
    else if (CLOSES[word] !== undefined && this.#nesting.at(-1) === CLOSES[word]) this.#nesting.pop();
  }

  #heredoc(): void {
    const mark = /^-?[ \t]*(['"]?)([^\s'";&|<>()]+)\1/.exec(this.text.slice(this.#at, this.#at + 200));
    if (mark === null) {
      this.failed = true;
      return;
    }
    this.#at += mark[0].length;
    this.#heredocs.push(mark[2] as string);
  }

  #redirection(): void {
    if (this.text[this.#at] === '&') this.#at++;
    while (this.text[this.#at] === ' ' || this.text[this.#at] === '\t') this.#at++;
    const target = shellValue(this.text, this.#at);
    if (target === null) this.failed = true;
    else this.#at = target.end;
  }

  #endCommand(guardsNext: boolean): void {
    this.found.push(...this.#pending.splice(0));
    this.#isCommand = true;
    this.#declares = false;
    this.#isGuarded = guardsNext;
  }

  #word(): void {
    const assignment =
      this.#isCommand || this.#declares ? ASSIGNMENT.exec(this.text.slice(this.#at, this.#at + 300)) : null;
    const value = shellValue(this.text, this.#at + (assignment?.[0].length ?? 0));
    if (value === null) this.failed = true;
    else if (assignment === null) this.#plainWord(value);
    else this.#assign(assignment, value);
  }

  #assign(match: RegExpExecArray, value: ShellValue): void {
    const conditional = this.#nesting.length > 0 || this.#isGuarded;
    this.#pending.push({ name: match[1] as string, appends: match[2] === '+', value, conditional });
    this.#at = value.end;
  }

  #plainWord(value: ShellValue): void {
    const word = this.text.slice(value.start, value.end);
    this.#at = Math.max(value.end, this.#at + 1);
    if (!this.#isCommand) return;
    this.#nest(word);
    if (GOES_ON.has(word)) return;
    // `A=1 command`: A is the command's alone.
    if (!DECLARES.has(word)) this.#pending = [];
    this.#declares = DECLARES.has(word);
    this.#isCommand = false;
  }
}
