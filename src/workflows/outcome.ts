import { ERROR_EXITS, type ErrorCode, EXIT, type ExitCode, GclabError } from '../errors.js';
import type { ErrorReport, OutcomeKind } from '../model.js';
import type { TargetRecord } from '../results/run-folder.js';

/** What an error makes of a target. */
export function outcomeOf(error: unknown): OutcomeKind {
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
export function failureOf(
  error: unknown,
  signal: AbortSignal,
): { readonly outcome: OutcomeKind; readonly error: ErrorReport } {
  return { outcome: signal.aborted ? 'interrupted' : outcomeOf(error), error: reportOf(error) };
}

export function reportOf(error: unknown): ErrorReport {
  if (error instanceof GclabError) {
    return { code: error.code, message: error.message, hint: error.hint ?? null };
  }
  return {
    code: 'fault',
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    hint: null,
  };
}

/** The exit code of design.md for a target that was to give a verdict. */
export function exitCodeOfRun(record: TargetRecord): ExitCode {
  if (record.error !== null) return exitCodeOfReport(record.error);
  if (record.outcome !== 'completed') return EXIT.interrupted;
  if (record.verdict === null || record.verdict.kind === 'inconclusive') return EXIT.noVerdict;
  return record.expectationHeld === false ? EXIT.expectation : EXIT.ok;
}

export function exitCodeOfReport(report: ErrorReport | null): ExitCode {
  if (report === null) return EXIT.ok;
  return report.code in ERROR_EXITS ? ERROR_EXITS[report.code as ErrorCode] : EXIT.fault;
}

/** With several targets, the highest that applies. */
export function highest(codes: readonly ExitCode[]): ExitCode {
  return [...codes].sort((a, b) => b - a)[0] ?? EXIT.ok;
}
