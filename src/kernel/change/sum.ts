import { createHash } from 'node:crypto';

/** SHA-256 in hexadecimal of a text with one character per byte, as sha256sum(1) says it of the file. */
export function sha256(latin1: string): string {
  return createHash('sha256').update(Buffer.from(latin1, 'latin1')).digest('hex');
}

/** The same where there may be no file, as the ledger has it. */
export function sumOf(latin1: string | null): string | null {
  return latin1 === null ? null : sha256(latin1);
}
