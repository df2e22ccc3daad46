import { ERROR_EXITS, type ErrorCode, EXIT, type ExitCode, GclabError } from '../errors.js';
import type { ErrorReport, OutcomeKind } from '../model.js';
import type { TargetRecord } from '../results/run-folder.js';

/** How a target's work ended. */
export interface Ended {
  /** Null: it has not. */
  readonly outcome: OutcomeKind | null;
  readonly error: ErrorReport | null;
}

/** What an error makes of a target. */
function outcomeOf(error: unknown): OutcomeKind {
  if (!(error instanceof GclabError)) return 'failed';
  switch (error.exitCode) {
    case EXIT.unreachable:
      return 'unreachable';
    case EXIT.notReady:
      return 'not-ready';
    case EXIT.interrupted:
      return 'interrupted';
    default:
      return 'failed';
  }
}

/** How a target ended whose work failed. */
export function failureOf(error: unknown, signal: AbortSignal): Ended & { readonly outcome: OutcomeKind } {
  return { outcome: signal.aborted ? 'interrupted' : outcomeOf(error), error: reportOf(error) };
}

function reportOf(error: unknown): ErrorReport {
  if (error instanceof GclabError) {
    return { code: error.code, message: error.message, hint: error.hint ?? null };
  }
  return {
    code: 'fault',
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    hint: null,
  };
}

/** The exit code for a target that was to give a verdict. */
function exitCodeOfRun(record: TargetRecord): ExitCode {
  if (record.error !== null) return exitCodeOfReport(record.error);
  if (record.outcome !== 'completed') return EXIT.noVerdict;
  if (record.verdict === null || record.verdict.kind === 'inconclusive') return EXIT.noVerdict;
  return record.expectationHeld === false ? EXIT.expectation : EXIT.ok;
}

function exitCodeOfReport(report: ErrorReport | null): ExitCode {
  if (report === null) return EXIT.ok;
  return report.code in ERROR_EXITS ? ERROR_EXITS[report.code as ErrorCode] : EXIT.fault;
}

/** The exit code of a command that had these targets to run on. */
export function exitCodeOfRuns(records: readonly TargetRecord[]): ExitCode {
  return highest(records.map(exitCodeOfRun));
}

/** The exit code of a command that had these targets to work on, and no verdict to bring home. */
export function exitCodeOfRecords(records: readonly { readonly error: ErrorReport | null }[]): ExitCode {
  return highest(records.map(({ error }) => exitCodeOfReport(error)));
}

/** With several targets, the highest that applies. */
export function highest(codes: readonly ExitCode[]): ExitCode {
  return [...codes].sort((a, b) => b - a)[0] ?? EXIT.ok;
}
