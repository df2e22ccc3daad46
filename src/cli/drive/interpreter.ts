import { EXIT, type ExitCode, GclabError } from '../../errors.js';
import { overBudget } from '../../experiment/steps/budget.js';
import { formatStep } from '../../experiment/steps/format.js';
import { parseCommands } from '../../experiment/steps/parse.js';
import { type Command, type Step, StepError } from '../../experiment/steps/step.js';
import type { Settings } from '../../model.js';
import { printable } from '../../printable.js';
import { targetFlags } from '../../target-flags.js';
import { formatCount } from '../../units.js';
import type { Driving } from '../../workflows/drive/driving.js';
import type { Console } from './console/console.js';
import { helpLines } from './describe.js';
import { Recorder } from './recorder.js';
import { doCommand } from './step-command.js';

export interface InterpreterSettings {
  readonly console: Console;
  readonly settings: Settings;
  /** The guest and what the experiment is set to, a line each. */
  readonly describeSurroundings: () => string[];
}

/** Does what a line says, and remembers it. */
export class Interpreter {
  #underWay: { readonly what: string; readonly unwanted: AbortController } | undefined;
  #failure: ExitCode = EXIT.ok;
  #recorder = new Recorder();

  constructor(private readonly session: InterpreterSettings) {}

  /** What went wrong; `ok` where nothing did. A typing mistake of a person is no failure. */
  get failure(): ExitCode {
    return this.#failure;
  }

  /** The command that is being done. */
  get underWay(): string | undefined {
    return this.#underWay?.what;
  }

  /** There is a new program: what is done from now on is a scenario of its own. */
  beginAnew(): void {
    this.#recorder = new Recorder();
  }

  /** Gives up the command under way. */
  cancel({ participants }: Driving): void {
    this.#underWay?.unwanted.abort(
      new GclabError({ code: 'interrupted', doing: 'waiting', what: 'interrupted' }),
    );
    for (const participant of participants) participant.cancel();
  }

  /** False: the session is to end. A script does not go on after a failure. */
  async obey(text: string, driving: Driving): Promise<boolean> {
    const commands = this.parse(text);
    if (commands === undefined) return this.session.console.isTerminal;
    for (const command of commands) {
      if (command.do === 'quit') return false;
      if (!(await this.do(command, driving))) return this.session.console.isTerminal;
      if (driving.participants.every((participant) => participant.hasEnded)) return true;
    }
    return true;
  }

  /** Undefined where the line is wrong, which is told. */
  parse(text: string): Command[] | undefined {
    try {
      return parseCommands(text);
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      this.session.console.print(`column ${error.place.column}: ${printable(error.message)}`);
      this.session.console.print(`  ${printable(error.hint)}`);
      this.fail(EXIT.usage);
      return undefined;
    }
  }

  /** False where it failed. */
  async do(command: Command, driving: Driving): Promise<boolean> {
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
        return await this.#save(command.file, driving);
      case 'quit':
        return true;
      default:
        return await this.#step(command, driving);
    }
  }

  /** Always false. */
  fail(code: ExitCode): false {
    if (!this.session.console.isTerminal && code > this.#failure) this.#failure = code;
    return false;
  }

  async #step(step: Step, { participants }: Driving): Promise<boolean> {
    const { settings, console } = this.session;
    const over = overBudget([step], settings.timeoutMs);
    if (over !== undefined) {
      console.print(over);
      return this.fail(EXIT.usage);
    }
    const done = this.#recorder.begin(step, participants[0]);
    const unwanted = new AbortController();
    this.#underWay = { what: formatStep(step), unwanted };
    const failure = await doCommand(step, participants, settings.limitBytes, unwanted.signal, console);
    this.#underWay = undefined;
    done();
    return failure === undefined || this.fail(failure.exitCode);
  }

  async #save(file: string, { participants }: Driving): Promise<boolean> {
    const { console, settings } = this.session;
    try {
      const count = await this.#recorder.save(file, settings, participants[0]);
      const where = targetFlags(...participants.map(({ guest }) => guest.target));
      const again = `gclab remote run ${where} --scenario ${file}`;
      console.print(`${formatCount(count, 'step')} in ${printable(file)}: ${printable(again)}`);
      return true;
    } catch (error) {
      if (!(error instanceof GclabError)) throw error;
      console.print(printable(error.message));
      return this.fail(error.exitCode);
    }
  }
}
