import { EXIT, type ExitCode, GclabError } from '../../errors.js';
import { overBudget } from '../../experiment/steps/budget.js';
import { parseCommands } from '../../experiment/steps/parse.js';
import { type Command, StepError } from '../../experiment/steps/step.js';
import type { Settings } from '../../model.js';
import { printable } from '../../printable.js';
import type { RunDocument } from '../../results/run-folder.js';
import type { DrivenSeat, SeatEvent } from '../../workflows/driven-seat.js';
import type { Driving } from '../../workflows/driving.js';
import type { Console } from './console.js';
import { helpLines, named } from './describe.js';
import { panelOf } from './panel-of.js';
import { Recorder } from './recorder.js';
import { doCommand } from './step-command.js';

export interface SessionSettings {
  readonly console: Console;
  readonly settings: Settings;
  /** Begins the experiment anew with the same settings. */
  readonly start: (tell: (event: SeatEvent) => void) => Driving;
  /** The verdict and its evidence, a line each. */
  readonly describe: (document: RunDocument) => string[];
  /** The guest and what the experiment is set to, a line each. */
  readonly describeSurroundings: () => string[];
  /** Aborts when everything has to stop. */
  readonly signal: AbortSignal;
}

/** A conversation with one experiment after another: reads commands, does them, tells what came of them. */
export class Session {
  readonly #documents: RunDocument[] = [];
  #line: Promise<string | undefined> | undefined;
  #command: AbortController | undefined;
  #isQuitting = false;
  #failure: ExitCode = EXIT.ok;
  #recorder = new Recorder();
  readonly #lost = new Set<string>();

  constructor(private readonly session: SessionSettings) {
    session.console.onInterrupt(() => this.#onInterrupt());
  }

  /** What went wrong in the session itself; `ok` where nothing did. */
  get failure(): ExitCode {
    return this.#failure;
  }

  /** Goes on until somebody quits; gives every experiment's document. `first` is under way already. */
  async run(first: Driving): Promise<readonly RunDocument[]> {
    for (let driving = first; ; driving = this.session.start((event) => this.tell(event))) {
      await driving.listening;
      this.#recorder = new Recorder();
      this.session.console.showPanel(
        panelOf(driving.seats, (target) => (this.#lost.has(target) ? 'reconnecting …' : '')),
      );
      await this.#converse(driving);
      const document = await driving.ended;
      this.#documents.push(document);
      for (const line of this.session.describe(document)) this.session.console.print(line);
      if (this.#isQuitting || !(await this.#offerAgain(driving))) return this.#documents;
      this.session.console.print('starting again with the same settings');
    }
  }

  /** What a seat tells by itself. */
  tell(event: SeatEvent): void {
    if (event.kind === 'ended' && this.#command === undefined && !this.#isQuitting) {
      this.session.console.print(`${printable(event.target, 60)}: ✖ the program ended between two commands`);
    }
    if (event.kind === 'lost') this.#lost.add(event.target);
    if (event.kind !== 'back') return;
    this.#lost.delete(event.target);
    this.session.console.print(`${printable(event.target, 60)}: connected again; meanwhile there:`);
    for (const what of event.meanwhile) this.session.console.print(`  ${printable(what)}`);
  }

  /** Until the program is gone everywhere. */
  async #converse(driving: Driving): Promise<void> {
    const gone = driving.ended.then(() => 'gone' as const);
    while (driving.seats.some((seat) => !seat.hasEnded)) {
      const line = await Promise.race([this.#nextLine(), gone]);
      if (line === 'gone') break;
      this.#line = undefined;
      if (line === undefined || !(await this.#obey(line.text, driving))) return await this.#quit(driving);
    }
  }

  /** The line being waited for stays the same when the program ends meanwhile. */
  async #nextLine(): Promise<{ text: string } | undefined> {
    this.#line ??= this.session.console.nextLine();
    const text = await this.#line;
    return text === undefined ? undefined : { text };
  }

  /** False: the session is to end. */
  async #obey(text: string, driving: Driving): Promise<boolean> {
    const commands = this.#parse(text);
    if (commands === undefined) return this.session.console.isTerminal;
    for (const command of commands) {
      if (command.do === 'quit') return false;
      if (!(await this.#do(command, driving))) return this.session.console.isTerminal;
      if (driving.seats.every((seat) => seat.hasEnded)) return true;
    }
    return true;
  }

  #parse(text: string): Command[] | undefined {
    try {
      return parseCommands(text);
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      this.session.console.print(`column ${error.place.column}: ${printable(error.message)}`);
      this.session.console.print(`  ${printable(error.hint)}`);
      this.#fail(EXIT.usage);
      return undefined;
    }
  }

  /** False where it failed: a script does not go on then. */
  async #do(command: Command, driving: Driving): Promise<boolean> {
    const { console } = this.session;
    switch (command.do) {
      case 'help':
        for (const line of helpLines()) console.print(line);
        return true;
      case 'env':
        for (const line of this.session.describeSurroundings()) console.print(line);
        return true;
      case 'again':
        console.print('it is running; quit ends it');
        return true;
      case 'save':
        return await this.#save(command.file, driving.seats[0]);
      case 'quit':
        return true;
      default:
        return await this.#step(command, driving);
    }
  }

  async #step(
    step: Exclude<Command, { do: 'help' | 'env' | 'again' | 'save' | 'quit' }>,
    driving: Driving,
  ): Promise<boolean> {
    const { settings, console, signal } = this.session;
    const over = overBudget([step], settings.timeoutMs);
    if (over !== undefined) {
      console.print(over);
      return this.#fail(EXIT.usage);
    }
    const done = this.#recorder.begin(step, driving.seats[0]?.times);
    this.#command = new AbortController();
    const both = AbortSignal.any([signal, this.#command.signal]);
    const failure = await doCommand(step, driving.seats, settings.limitBytes, both, console);
    this.#command = undefined;
    done();
    if (failure === undefined) return true;
    return this.#fail(failure instanceof GclabError ? failure.exitCode : EXIT.fault);
  }

  async #save(file: string, seat: DrivenSeat | undefined): Promise<boolean> {
    const { console, settings } = this.session;
    try {
      const count = await this.#recorder.save(file, settings, seat?.times);
      console.print(
        `${count} steps are in ${printable(file)}: gclab remote run --scenario ${printable(file)}`,
      );
      return true;
    } catch (error) {
      if (!(error instanceof GclabError)) throw error;
      console.print(printable(error.message));
      return this.#fail(error.exitCode);
    }
  }

  async #quit(driving: Driving): Promise<void> {
    this.#isQuitting = true;
    this.session.console.showPanel(undefined);
    await Promise.all(driving.seats.map((seat) => seat.quit()));
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
      const [command] = this.#parse(text) ?? [];
      if (command?.do === 'save') await this.#save(command.file, driving.seats[0]);
      else if (command?.do === 'help' || command?.do === 'env') await this.#do(command, driving);
      else if (command !== undefined) console.print(named('not done', true, `${text} (the program is gone)`));
    }
  }

  #onInterrupt(): void {
    if (this.#command === undefined)
      this.session.console.print('nothing is under way; quit ends the session');
    this.#command?.abort(new GclabError({ code: 'interrupted', doing: 'waiting', what: 'interrupted' }));
  }

  /** A typing mistake of a person is no failure of the session. */
  #fail(code: ExitCode): false {
    if (!this.session.console.isTerminal && code > this.#failure) this.#failure = code;
    return false;
  }
}
