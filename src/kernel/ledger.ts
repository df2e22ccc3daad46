import { z } from 'zod';

/** One change of a file, as the ledger on the guest names it. SHA-256; null where there is no file. */
interface ChangedFile {
  readonly path: string;
  /** Its name in the change's folder of backups. */
  readonly number: number;
  readonly before: string | null;
  readonly after: string | null;
}

/** What one `apply` did to the guest, not undone yet. */
export interface KernelChange {
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
  run: z.string().regex(/^[\w-]{1,80}$/),
  at: z.string().max(40),
  action: z.string().max(40),
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

/** From the ledger's lines of our kind, in order. A line that cannot be read is skipped: a full disk may have cut it. */
export function openChanges(lines: readonly string[]): readonly KernelChange[] {
  const open = new Map<string, KernelChange>();
  for (const { run: id, at, action, files } of lines.flatMap(parsedLine)) {
    const known = open.get(id);
    if (action === 'begin') open.set(id, { id, at, files, applied: false });
    else if (action === 'applied' && known !== undefined) open.set(id, { ...known, applied: true });
    else if (action === 'reverted' || action === 'put-back') open.delete(id);
  }
  return [...open.values()];
}

function parsedLine(line: string): readonly z.output<typeof entry>[] {
  try {
    const read = entry.safeParse(JSON.parse(line));
    return read.success ? [read.data] : [];
  } catch {
    return [];
  }
}
