import * as z from '../zod.js';
import { bytes } from './answer.js';

/** One change of a file, as the ledger on the guest names it. SHA-256; null where there is no file. */
interface ChangedFile {
  readonly path: string;
  /** Its name in the change's folder of backups. */
  readonly number: number;
  readonly before: string | null;
  readonly after: string | null;
}

/** The options for good, or an entry that tries them for one boot. */
const changeKind = z.enum(['kernel-options', 'trial-boot']);

/** What one change of how the guest boots did to it, not undone yet. Kind and id together are its name. */
export interface KernelChange {
  readonly kind: z.output<typeof changeKind>;
  readonly id: string;
  readonly at: string;
  readonly files: readonly ChangedFile[];
  /** False: it was begun, and not seen through. */
  readonly applied: boolean;
}

const sum = z
  .string()
  .regex(/^(-|[0-9a-f]{64})$/)
  .transform((value) => (value === '-' ? null : value));
const entry = z.object({
  at: z.string().max(40),
  action: z.literal('make'),
  kind: changeKind,
  id: z.string().regex(/^[\w-]{1,80}$/),
  files: z
    .array(
      z.object({
        path: z.string().startsWith('/').max(400),
        number: z.int().positive(),
        before: sum,
        after: sum,
      }),
    )
    .max(60)
    .default([]),
});

/** A line of the ledger whose change is open, and whether that was seen through; null where it is none of a change. */
export function openChange(seen: 'begun' | 'applied', line: string): KernelChange | null {
  try {
    const { kind, id, at, files } = entry.parse(JSON.parse(line));
    return { kind, id, at, files, applied: seen === 'applied' };
  } catch {
    return null;
  }
}

/** As the scripts say it: how far, and the line. */
export const openLedgerLine = z
  .tuple([z.enum(['begun', 'applied']), bytes(20_000)])
  .transform(([seen, line]) => openChange(seen, line));
