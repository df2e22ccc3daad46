import { EXIT, type ExitCode } from '../../errors.js';
import { printable } from '../../printable.js';
import type { RunDocument } from '../../results/run-folder.js';
import type { Driving } from '../../workflows/drive/driving.js';
import type { ParticipantEvent } from '../../workflows/drive/participant.js';
import { named } from './describe.js';
import { Interpreter, type InterpreterSettings } from './interpreter.js';
import { panelOf } from './panel-of.js';

/** Of a command under way, in characters. */
const STATE_LENGTH = 40;

/** A program that ends as it should has done so before anybody wonders. */
const WONDER_MS = 1_000;

export interface SessionSettings extends InterpreterSettings {
  /** What somebody should know before the first command, a line each. */
  readonly opening: readonly string[];
  /** Begins the experiment anew with the same settings. */
  readonly start: (tell: (event: ParticipantEvent) => void) => Driving;
  /** The verdict and its evidence, a line each. */
  readonly describe: (document: RunDocument) => string[];
  /** Aborts when everything has to stop. */
  readonly signal: AbortSignal;
  /** Has everything stop; a second time it ends the process. */
  readonly stopEverything: () => void;
}

const KEYS = 'help lists the commands, Tab completes; Ctrl-C ends the one under way, quit the session';

/** What Ctrl-C is for at the moment. */
type Stage =
  /** Nothing can be asked yet, or everything is being brought home. */
  | { readonly at: 'waiting' }
  /** `isWarned`: the next Ctrl-C ends the session. */
  | { readonly at: 'prompt'; readonly driving: Driving; readonly isWarned: boolean }
  | { readonly at: 'quitting'; readonly driving: Driving }
  /** The program is gone, and another one is offered. */
  | { readonly at: 'offering' };

/** A conversation with one experiment after another: reads commands, has them done, tells what came of them. */
export class Session {
  readonly #documents: RunDocument[] = [];
  readonly #interpreter: Interpreter;
  readonly #lost = new Set<string>();
  readonly #stopped = new Set<string>();
  #stage: Stage = { at: 'waiting' };
  #line: Promise<string | undefined> | undefined;
  #isQuitting = false;
  #wake: () => void = () => {};

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
      this.#stopped.clear();
      this.session.console.showPanel(panelOf(driving.participants, (target) => this.#stateOf(target)));
      await this.#converse(driving);
      this.#stage = { at: 'waiting' };
      const document = await driving.ended;
      this.#conclude(document);
      if (document === null || this.#isQuitting || this.#isScriptOver(document)) return this.#documents;
      if (!(await this.#offerAgain(driving))) return this.#documents;
      this.#stage = { at: 'waiting' };
      this.session.console.print('starting again with the same settings');
    }
  }

  /** A script does not go on after a failure. */
  #isScriptOver({ targets }: RunDocument): boolean {
    return !this.session.console.isTerminal && targets.some(({ error }) => error !== null);
  }

  /** What a target tells by itself. */
  tell(event: ParticipantEvent): void {
    const { console } = this.session;
    const target = printable(event.target, 60);
    switch (event.kind) {
      case 'ended':
        if (this.#interpreter.underWay === undefined && !this.#isQuitting && !this.#stopped.has(event.target))
          console.print(`${target}: ✖ the program ended between two commands`);
        break;
      case 'stopping':
        this.#stopped.add(event.target);
        console.print(`${target}: stopping the run`);
        break;
      case 'lost':
        this.#lost.add(event.target);
        break;
      case 'back':
        this.#lost.delete(event.target);
        for (const line of accountLines(target, event.account)) console.print(line);
        break;
      default:
        break;
    }
  }

  #stateOf(target: string): string {
    const { underWay = '' } = this.#interpreter;
    if (this.#lost.has(target)) return 'reconnecting …';
    return underWay.length > STATE_LENGTH ? `${underWay.slice(0, STATE_LENGTH)}…` : underWay;
  }

  /** Until the program is gone everywhere, or somebody quits. */
  async #converse(driving: Driving): Promise<void> {
    const gone = driving.ended.then(() => 'gone' as const);
    this.#stage = { at: 'prompt', driving, isWarned: false };
    while (driving.participants.some((participant) => !participant.hasEnded)) {
      const line = await Promise.race([this.#nextLine(), gone, this.#woken()]);
      if (line === 'gone') break;
      if (line === 'woken') return await this.#quit(driving);
      this.#line = undefined;
      this.#stage = { at: 'prompt', driving, isWarned: false };
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

  /** Resolves when a Ctrl-C ends the session. */
  #woken(): Promise<'woken'> {
    return new Promise((resolve) => {
      this.#wake = () => resolve('woken');
    });
  }

  async #quit(driving: Driving): Promise<void> {
    const { console } = this.session;
    this.#isQuitting = true;
    this.#stage = { at: 'quitting', driving };
    console.showPanel(undefined);
    const wonder = setTimeout(
      () => console.print('waiting for the program to end; Ctrl-C stops the run'),
      WONDER_MS,
    );
    await Promise.all(driving.participants.map((participant) => participant.quit()));
    clearTimeout(wonder);
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
    this.#stage = { at: 'offering' };
    console.print('again starts it with the same settings; quit ends the session');
    for (;;) {
      const line = await Promise.race([this.#nextLine(), this.#woken()]);
      if (line === 'woken') return false;
      this.#line = undefined;
      const text = line?.text.trim() ?? 'quit';
      if (/^(again|y|yes)$/i.test(text)) return true;
      if (/^(quit|exit|n|no)$/i.test(text)) return false;
      const [command] = this.#interpreter.parse(text) ?? [];
      if (command?.do === 'save' || command?.do === 'help' || command?.do === 'env')
        await this.#interpreter.do(command, driving);
      else if (command !== undefined) console.print(named('not done', true, `${text} (the program is gone)`));
    }
  }

  #onInterrupt(dropped: readonly string[]): void {
    const { console, stopEverything } = this.session;
    const stage = this.#stage;
    for (const line of dropped) console.print(`stopped: ${printable(line)} (it had not begun)`);
    switch (stage.at) {
      case 'waiting':
        stopEverything();
        break;
      case 'quitting':
        for (const participant of stage.driving.participants) participant.interrupt();
        break;
      case 'offering':
        this.#wake();
        break;
      case 'prompt':
        if (this.#interpreter.underWay !== undefined) this.#interpreter.cancel(stage.driving);
        else if (stage.isWarned) this.#wake();
        else if (dropped.length === 0) {
          this.#stage = { ...stage, isWarned: true };
          console.print('nothing is under way; Ctrl-C again, or quit, ends the session');
        }
        break;
    }
  }
}

function accountLines(target: string, account: readonly string[] | null): string[] {
  if (account === null) return [`${target}: what happened on the guest in between is not known`];
  return [`${target}: on the guest in between:`, ...account.map((what) => `  ${printable(what)}`)];
}
