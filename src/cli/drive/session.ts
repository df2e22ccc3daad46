import { EXIT, type ExitCode } from '../../errors.js';
import { printable } from '../../printable.js';
import type { RunDocument } from '../../results/run-folder.js';
import type { SeatEvent } from '../../workflows/driven-seat.js';
import type { Driving } from '../../workflows/driving.js';
import { named } from './describe.js';
import { Interpreter, type InterpreterSettings } from './interpreter.js';
import { panelOf } from './panel-of.js';

/** Of a command under way, in characters. */
const STATE_LENGTH = 40;

export interface SessionSettings extends InterpreterSettings {
  /** What somebody should know before the first command, a line each. */
  readonly opening: readonly string[];
  /** Begins the experiment anew with the same settings. */
  readonly start: (tell: (event: SeatEvent) => void) => Driving;
  /** The verdict and its evidence, a line each. */
  readonly describe: (document: RunDocument) => string[];
}

const KEYS = 'help lists the commands, Tab completes; Ctrl-C ends the one under way, quit the session';

/** A conversation with one experiment after another: reads commands, has them done, tells what came of them. */
export class Session {
  readonly #documents: RunDocument[] = [];
  readonly #interpreter: Interpreter;
  #line: Promise<string | undefined> | undefined;
  #isQuitting = false;
  readonly #lost = new Set<string>();

  constructor(private readonly session: SessionSettings) {
    this.#interpreter = new Interpreter(session);
    session.console.onInterrupt((dropped) => this.#onInterrupt(dropped));
  }

  /** What went wrong in the session itself; `ok` where nothing did. */
  get failure(): ExitCode {
    return this.#interpreter.failure;
  }

  /** Goes on until somebody quits; gives the document of every experiment that has one. `first` is under way already. */
  async run(first: Driving): Promise<readonly RunDocument[]> {
    const { console, opening } = this.session;
    for (const line of [...opening, ...(console.isTerminal ? [KEYS] : [])]) console.print(line);
    for (let driving = first; ; driving = this.session.start((event) => this.tell(event))) {
      await driving.listening;
      this.#interpreter.beginAnew();
      this.session.console.showPanel(panelOf(driving.seats, (target) => this.#stateOf(target)));
      await this.#converse(driving);
      const document = await driving.ended;
      this.#conclude(document);
      if (document === null || this.#isQuitting) return this.#documents;
      if (!(await this.#offerAgain(driving))) return this.#documents;
      this.session.console.print('starting again with the same settings');
    }
  }

  /** What a seat tells by itself. */
  tell(event: SeatEvent): void {
    if (event.kind === 'ended' && this.#interpreter.underWay === undefined && !this.#isQuitting) {
      this.session.console.print(`${printable(event.target, 60)}: ✖ the program ended between two commands`);
    }
    if (event.kind === 'lost') this.#lost.add(event.target);
    if (event.kind !== 'back') return;
    this.#lost.delete(event.target);
    this.session.console.print(`${printable(event.target, 60)}: meanwhile there:`);
    for (const what of event.meanwhile) this.session.console.print(`  ${printable(what)}`);
  }

  #stateOf(target: string): string {
    const { underWay = '' } = this.#interpreter;
    if (this.#lost.has(target)) return 'reconnecting …';
    return underWay.length > STATE_LENGTH ? `${underWay.slice(0, STATE_LENGTH)}…` : underWay;
  }

  /** Until the program is gone everywhere. */
  async #converse(driving: Driving): Promise<void> {
    const gone = driving.ended.then(() => 'gone' as const);
    while (driving.seats.some((seat) => !seat.hasEnded)) {
      const line = await Promise.race([this.#nextLine(), gone]);
      if (line === 'gone') break;
      this.#line = undefined;
      if (line === undefined || !(await this.#interpreter.obey(line.text, driving)))
        return await this.#quit(driving);
    }
  }

  /** The line being waited for stays the same when the program ends meanwhile. */
  async #nextLine(): Promise<{ text: string } | undefined> {
    this.#line ??= this.session.console.nextLine();
    const text = await this.#line;
    return text === undefined ? undefined : { text };
  }

  async #quit(driving: Driving): Promise<void> {
    this.#isQuitting = true;
    this.session.console.showPanel(undefined);
    await Promise.all(driving.seats.map((seat) => seat.quit()));
  }

  #conclude(document: RunDocument | null): void {
    const { console, describe } = this.session;
    if (document !== null) {
      this.#documents.push(document);
      for (const line of describe(document)) console.print(line);
    } else if (this.#isQuitting) {
      console.print('left running, as it was found; no journal here, so no verdict');
    } else {
      console.print('no journal here, so no verdict: whoever started it has its counters');
      this.#interpreter.fail(EXIT.noVerdict);
    }
  }

  async #offerAgain(driving: Driving): Promise<boolean> {
    const { console, signal } = this.session;
    if (signal.aborted) return false;
    console.print('again starts it with the same settings; quit ends the session');
    for (;;) {
      const line = await this.#nextLine();
      this.#line = undefined;
      const text = line?.text.trim() ?? 'quit';
      if (/^(again|y|yes)$/i.test(text)) return true;
      if (/^(quit|n|no)$/i.test(text)) return false;
      const [command] = this.#interpreter.parse(text) ?? [];
      if (command?.do === 'save' || command?.do === 'help' || command?.do === 'env')
        await this.#interpreter.do(command, driving);
      else if (command !== undefined) console.print(named('not done', true, `${text} (the program is gone)`));
    }
  }

  #onInterrupt(dropped: readonly string[]): void {
    const { console } = this.session;
    this.#interpreter.interrupt();
    for (const line of dropped) console.print(`stopped: ${printable(line)} (it had not begun)`);
    if (dropped.length === 0 && this.#interpreter.underWay === undefined)
      console.print('nothing is under way; quit ends the session');
  }
}
