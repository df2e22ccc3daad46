import { GclabError } from '../../errors.js';
import type * as z from '../../zod.js';
import { findTool } from '../controller/find-tool.js';
import type { Places } from '../controller/places.js';
import type { ProviderKind, Requirement, Vm, VmSpec, Work } from '../provider.js';
import type { KeyPair } from '../vm/reach.js';

/** A VM as the tool itself lists it. */
export interface Instance {
  readonly state: Vm['state'];
  /** Where its sshd is reached; null while that isn't known. */
  readonly address: { readonly host: string; readonly port: number } | null;
}

/** The user's public key and the guest's own key, to be installed in a new guest. */
export interface GuestKeys {
  readonly authorizedKey: string;
  readonly hostKey: KeyPair;
}

/** Another program that makes VMs. `instance` is the name it knows one by. */
export interface Tool {
  readonly kind: Exclude<ProviderKind, 'qemu'>;
  /** Whether it is there, and answers. */
  requirement(work: Work): Promise<Requirement>;
  /** Makes it and leaves it stopped, with our user, keys and kernel options inside. */
  create(instance: string, spec: VmSpec, keys: GuestKeys, work: Work): Promise<void>;
  start(instance: string, work: Work): Promise<void>;
  stop(instance: string, work: Work): Promise<void>;
  kill(instance: string, work: Work): Promise<void>;
  delete(instance: string, work: Work): Promise<void>;
  /** Everything the tool has, ours or not, by its name there. */
  instances(work: Work): Promise<ReadonlyMap<string, Instance>>;
}

/** A list is local, and there at once. */
export const LIST_MS = 60_000;

/** Everything else of a tool may bring an image and boot a guest. */
export const DEED_MS = 30 * 60_000;

/** A program may be installed and of no use: Multipass's, for instance, while its service does not run. */
export async function toolRequirement(
  program: string,
  install: string,
  places: Places,
  list: () => Promise<unknown>,
): Promise<Requirement> {
  const found = await findTool(program, places.env);
  if (found === undefined) return { description: program, met: false, detail: install, fatal: true };
  const why = await list().then(
    () => undefined,
    (cause: unknown) => (cause instanceof GclabError ? cause.what : String(cause)),
  );
  return why === undefined
    ? { description: program, met: true, detail: found, fatal: true }
    : {
        description: program,
        met: false,
        detail: `it is installed and does not answer: ${why}`,
        fatal: true,
      };
}

/** What a tool printed as JSON: one document, or one a line. Throws `tool-answer`. */
export function parseJson(text: string, tool: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => parseDocument(line, tool));
  }
}

function parseDocument(text: string, tool: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unexpected(tool, cause);
  }
}

/**
 * The entries of a tool's list that are as expected. Others may be of VMs that are not ours, and broken: they hide nothing. Throws
 * `tool-answer` where there is no list, or nothing in it can be read.
 */
export function readEntries<T>(schema: z.ZodType<T>, list: unknown, tool: string): readonly T[] {
  const entries: readonly unknown[] = Array.isArray(list) ? list : [list];
  const read = entries.map((entry) => schema.safeParse(entry));
  const good = read.flatMap((one) => (one.success ? [one.data] : []));
  if (good.length === 0 && entries.length > 0) throw unexpected(tool, read[0]?.error);
  return good;
}

function unexpected(tool: string, cause: unknown): GclabError {
  return new GclabError({
    code: 'tool-answer',
    doing: `reading what ${tool} says`,
    what: 'it is not the JSON that was expected',
    hint: `this gclab may not know your version of ${tool}`,
    cause,
  });
}
