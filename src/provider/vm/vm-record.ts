import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { GclabError } from '../../errors.js';
import * as z from '../../zod.js';
import { vmDamaged } from '../controller/failure.js';
import type { DamagedVm, ProviderKind } from '../provider.js';

/** What every provider keeps of a VM, in the `vm.json` of its folder. */
export const VmRecord = z.object({
  schema: z.literal(1),
  name: z.string(),
  image: z.string(),
  memoryBytes: z.number().int().positive(),
  cpus: z.number().int().positive(),
});

/** Undefined where there is no such VM. Rejects with `vm-damaged` for what is no record. */
export async function readVmRecord<T>(
  schema: z.ZodType<T>,
  folder: string,
  name: string,
): Promise<T | undefined> {
  const text = await readFile(join(folder, 'vm.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : 'it is no JSON';
    throw vmDamaged(name, `vm.json is damaged: ${why}`, cause);
  }
}

export async function writeVmRecord(folder: string, record: z.infer<typeof VmRecord>): Promise<void> {
  await writeFileAtomic(join(folder, 'vm.json'), `${JSON.stringify(record, null, 2)}\n`);
}

/** For lists: one damaged record hides none of the others. Throws everything else again. */
export function damagedVm(provider: ProviderKind, name: string, cause: unknown): DamagedVm {
  if (!(cause instanceof GclabError) || cause.code !== 'vm-damaged') throw cause;
  return { name, provider, state: 'damaged', damage: cause.what };
}
