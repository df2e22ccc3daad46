import type { ErrorReport } from '../../model.js';
import { printable } from '../../printable.js';

/** Shows a line to people; it is printable already. */
export type Print = (line: string) => void;

/** A target's error for people: which, what happened, what to try. The message names the target already. */
export function errorLines(target: string, outcome: string | null, error: ErrorReport): string[] {
  const name = printable(target, 60);
  const kinds = [...new Set([outcome, error.code])].filter((kind) => kind !== null).join(': ');
  const prefix = `${target}: `;
  const message = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message;
  const hint = error.hint === null || error.hint === '' ? [] : [`  try: ${printable(error.hint)}`];
  return [`${name}: ${kinds}: ${printable(message)}`, ...hint];
}

/** Rows in aligned columns, two spaces apart; cells are printable already. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
