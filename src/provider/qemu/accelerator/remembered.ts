import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import * as z from '../../../zod.js';
import { ACCELERATORS, type Accelerator, type Tried } from '../../provider.js';

const File = z.object({
  schema: z.literal(1),
  circumstances: z.record(z.string(), z.string()),
  tried: z
    .array(
      z.object({
        accelerator: z.enum(ACCELERATORS),
        works: z.boolean(),
        cpus: z.number().int().positive(),
        ran: z.enum(['firmware', 'guest']).nullable(),
        what: z.string().max(2_000),
      }),
    )
    .max(100),
});

/** What a result hangs on: machine, kernel, QEMU, firmware. When one of them changes, nothing is remembered. */
export type Circumstances = Readonly<Record<string, string>>;

/**
 * What accelerators did on this controller, in `accelerators.json` of GCLAB_HOME. It is a cache: where it cannot be read or
 * written, they are tried again.
 */
export class Remembered {
  readonly #file: string;
  readonly #circumstances: Circumstances;

  constructor(homeFolder: string, circumstances: Circumstances) {
    this.#file = join(homeFolder, 'accelerators.json');
    this.#circumstances = circumstances;
  }

  /** What works with more CPUs works with fewer, and what fails with fewer fails with more. */
  async of(accelerator: Accelerator, cpus: number): Promise<Tried | undefined> {
    return (await this.#read()).find(
      (one) => one.accelerator === accelerator && (one.works ? one.cpus >= cpus : one.cpus <= cpus),
    );
  }

  async put(fresh: readonly Tried[]): Promise<void> {
    const others = (await this.#read()).filter((old) => !fresh.some((one) => settles(one, old)));
    await this.#write([...others, ...fresh]);
  }

  async forget(accelerator: Accelerator): Promise<void> {
    const all = await this.#read();
    const others = all.filter((one) => one.accelerator !== accelerator);
    if (others.length < all.length) await this.#write(others);
  }

  async #read(): Promise<readonly Tried[]> {
    const text = await readFile(this.#file, 'utf8').catch(() => '');
    const { data } = File.safeParse(parse(text));
    return data !== undefined && isSame(data.circumstances, this.#circumstances) ? data.tried : [];
  }

  async #write(tried: readonly Tried[]): Promise<void> {
    const text = JSON.stringify({ schema: 1, circumstances: this.#circumstances, tried }, null, 2);
    await writeFileAtomic(this.#file, `${text}\n`, { mode: 0o600 }).catch(() => undefined);
  }
}

/** Whether what was seen now says all that was known before, or says the contrary. */
function settles(fresh: Tried, old: Tried): boolean {
  if (fresh.accelerator !== old.accelerator) return false;
  return fresh.works ? old.cpus <= fresh.cpus : old.cpus >= fresh.cpus;
}

function isSame(one: Circumstances, other: Circumstances): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => one[name] === other[name]);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
