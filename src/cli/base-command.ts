import { Command } from '@oclif/core';
import { EXIT, type ExitCode, GclabError } from '../errors.js';
import type { ErrorReport } from '../model.js';
import { printable } from '../printable.js';
import { Interruption } from './interruption.js';

/** What every command shares: `--json`, exit codes, one place where errors are shown, Ctrl-C. */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;

  readonly #interruption = new Interruption();

  /** Aborts on Ctrl-C, SIGTERM and SIGHUP. */
  get signal(): AbortSignal {
    return this.#interruption.signal;
  }

  protected override async init(): Promise<void> {
    await super.init();
    this.#interruption.listen();
  }

  protected override async finally(error: Error | undefined): Promise<void> {
    this.#interruption.release();
    await super.finally(error);
  }

  /** The process's exit code; oclif's own `exit()` would lose it under `--json`. */
  exitWith(code: ExitCode): void {
    process.exitCode = code;
  }

  /** Progress, notes and questions: never on stdout, which belongs to the result. */
  note(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  protected override async catch(error: Error): Promise<void> {
    this.exitWith(exitCodeOf(error));
    const report = reportOf(error);
    if (this.jsonEnabled()) return this.logJson({ schema: 1, error: report });
    this.note(`gclab: ${report.code}: ${printable(report.message)}`);
    if (report.hint !== null) this.note(`       try: ${printable(report.hint)}`);
    if (exitCodeOf(error) === EXIT.fault) this.note(error.stack ?? '');
  }
}

function exitCodeOf(error: Error): ExitCode {
  if (error instanceof GclabError) return error.exitCode;
  return isUsageError(error) ? EXIT.usage : EXIT.fault;
}

/** oclif's parser and its unknown commands carry the exit code 2 they ask for. */
function isUsageError(error: Error): boolean {
  return 'oclif' in error && (error.oclif as { exit?: unknown } | undefined)?.exit === EXIT.usage;
}

/** An error as people and scripts get it. */
export function reportOf(error: Error): ErrorReport {
  if (error instanceof GclabError) {
    return { code: error.code, message: withoutOclif(error.message), hint: error.hint ?? null };
  }
  const usage = isUsageError(error);
  return {
    code: usage ? 'bad-flag' : 'fault',
    message: withoutOclif(error.message),
    hint: usage ? 'see --help' : null,
  };
}

/** oclif's parser puts lines of its own around what a flag complained of. */
function withoutOclif(message: string): string {
  return message.replace(/^Parsing (--\S+) \s+/, '$1: ').replace(/\nSee more help with --help$/, '');
}
