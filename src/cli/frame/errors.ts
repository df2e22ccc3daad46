import { EXIT, type ExitCode, GclabError } from '../../errors.js';
import type { ErrorReport } from '../../model.js';
import { printable } from '../../printable.js';

/** Shows the error that ended a command, to people or as JSON, and sets the process's exit code. */
export function reportError(error: Error, asJson: boolean): void {
  process.exitCode = exitCodeOf(error);
  const report = reportOf(error);
  if (asJson) process.stdout.write(`${JSON.stringify({ schema: 1, error: report }, null, 2)}\n`);
  else process.stderr.write(`${linesOf(report, error).join('\n')}\n`);
}

function linesOf({ code, message, hint }: ErrorReport, error: Error): string[] {
  return [
    `gclab: ${code}: ${printable(message)}`,
    ...(hint === null ? [] : [`       try: ${printable(hint)}`]),
    ...(exitCodeOf(error) === EXIT.fault ? [error.stack ?? ''] : []),
  ];
}

function exitCodeOf(error: Error): ExitCode {
  if (error instanceof GclabError) return error.exitCode;
  return isUsageError(error) ? EXIT.usage : EXIT.fault;
}

function reportOf(error: Error): ErrorReport {
  const message = withoutOclif(error.message);
  if (error instanceof GclabError) return { code: error.code, message, hint: error.hint ?? null };
  return isUsageError(error)
    ? { code: 'bad-flag', message, hint: 'see --help' }
    : { code: 'fault', message, hint: null };
}

/** oclif's parser and its unknown commands carry the exit code 2 they ask for. */
function isUsageError(error: Error): boolean {
  return 'oclif' in error && (error.oclif as { exit?: unknown } | undefined)?.exit === EXIT.usage;
}

/** oclif's parser puts lines of its own around what a flag complained of. */
function withoutOclif(message: string): string {
  return message.replace(/^Parsing (--\S+) \s+/, '$1: ').replace(/\nSee more help with --help$/, '');
}
