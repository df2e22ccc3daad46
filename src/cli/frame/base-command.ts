import { Command } from '@oclif/core/command';
import { EXIT } from '../../errors.js';
import { fitted } from '../show/fitted.js';
import type { Print } from '../show/lines.js';
import { reportError } from './errors.js';
import { Interruption } from './interruption.js';

/** What a command came to. */
export interface CommandResult<Document> {
  /** What scripts get with `--json`. */
  readonly document: Document;
  /** The process's; 0 where none is named. */
  readonly exitCode?: number;
  /** Shows the document to people; nothing is said without `--json` where it is absent. */
  show?(document: Document, print: Print): void | Promise<void>;
}

/** What every command shares: one result for people and scripts, exit codes, one place where errors are shown, Ctrl-C. */
export abstract class BaseCommand<Document extends object = object> extends Command {
  static override enableJsonFlag = true;

  readonly #interruption = new Interruption();

  /** The command's own work. What it begins it ends, whether it resolves or rejects. */
  protected abstract perform(): Promise<CommandResult<Document>>;

  /** Aborts on Ctrl-C, SIGTERM and SIGHUP. */
  get signal(): AbortSignal {
    return this.#interruption.signal;
  }

  /** As Ctrl-C does. */
  interrupt(): void {
    this.#interruption.interrupt();
  }

  /** Who draws on the terminal says that the command was interrupted, until what this returns is called. */
  onInterrupt(tell: (message: string) => void): () => void {
    return this.#interruption.tellBy(tell);
  }

  async run(): Promise<Document> {
    const { document, exitCode, show } = await this.perform();
    // oclif's own `exit()` would lose it under `--json`.
    process.exitCode = exitCode ?? EXIT.ok;
    if (!this.jsonEnabled()) await show?.(document, await fitted((line) => this.log(line), process.stdout));
    return document;
  }

  /** oclif's own takes it to pieces for colours, which nobody asks for. */
  override logJson(document: unknown): void {
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  }

  /** Progress, notes and questions: never on stdout, which belongs to the result. */
  note(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  protected override async init(): Promise<void> {
    await super.init();
    this.#interruption.listen();
  }

  protected override async catch(error: Error): Promise<void> {
    reportError(error, this.jsonEnabled());
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    this.#interruption.release();
    await super.finally(error);
  }
}
