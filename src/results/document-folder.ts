import { createHash, randomBytes } from 'node:crypto';

import { join, resolve } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { GclabError } from '../errors.js';
import { type Keeper, keeperHere } from './keeper.js';
import { makeFolder } from './make-folder.js';

export interface DocumentHeader {
  readonly id: string;
  readonly dir: string;
  readonly startedAt: string;
  /** Null while it runs, and for ever where it was cut. */
  readonly finishedAt: string | null;
  /** Who writes this folder, or did until it was cut; null when it is finished. */
  readonly keeper: Keeper | null;
}

/** A record of one target, and its folder below `run.dir`. */
export interface FolderRecord {
  readonly target: string;
  readonly folder: string;
}

export interface FolderDocument<R extends FolderRecord = FolderRecord> {
  readonly run: DocumentHeader;
  readonly targets: readonly R[];
}

/** `2026-11-24T06:01:02Z` → `20261124T060102Z-k3f9a1`: sorts by time, never meets another. */
export function newRunId(now: Date): string {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  return `${time}-${randomBytes(3).toString('hex')}`;
}

/** A folder name for a target: what it is called where that is harmless, else made so and told apart by a hash. */
export function folderNameOf(target: string): string {
  const harmless = target
    .replace(/[^A-Za-z0-9._@:-]/g, '_')
    .replace(/^\.+/, '_')
    .slice(0, 100);
  if (harmless === target && target !== '') return target;
  return `${harmless || 'target'}-${createHash('sha256').update(target).digest('hex').slice(0, 8)}`;
}

/**
 * A folder on the controller with one JSON document that always says how far things got: it is written anew, atomically,
 * at each change. `fileName` is the document's: `run.json` for a run.
 */
export class DocumentFolder<R extends FolderRecord, D extends FolderDocument<R>> {
  #document: D;
  #writing: Promise<void> = Promise.resolve();

  private constructor(
    document: D,
    private readonly fileName: string,
  ) {
    this.#document = document;
  }

  /** Makes `<out>/<id>` with a folder per target; `results-not-writable` where it cannot. */
  static async create<R extends FolderRecord, D extends FolderDocument<R>>(
    where: { readonly out: string; readonly id: string; readonly fileName: string; readonly now: Date },
    document: Omit<D, 'run'>,
  ): Promise<DocumentFolder<R, D>> {
    const dir = join(resolve(where.out), where.id);
    const run = {
      id: where.id,
      dir,
      startedAt: where.now.toISOString(),
      finishedAt: null,
      keeper: keeperHere(),
    };
    const folder = new DocumentFolder<R, D>({ ...document, run } as D, where.fileName);
    try {
      for (const target of folder.document.targets) await makeFolder(join(dir, target.folder));
      await folder.#write();
    } catch (cause) {
      throw notWritable(dir, cause);
    }
    return folder;
  }

  /** Goes on with the folder of an earlier time, whose keeper is gone. */
  static async resume<R extends FolderRecord, D extends FolderDocument<R>>(
    document: D,
    fileName: string,
  ): Promise<DocumentFolder<R, D>> {
    const run = { ...document.run, keeper: keeperHere() };
    const folder = new DocumentFolder<R, D>({ ...document, run }, fileName);
    await folder.#write();
    return folder;
  }

  get document(): D {
    return this.#document;
  }

  recordOf(target: string): R {
    const record = this.#document.targets.find((one) => one.target === target);
    if (record === undefined) throw new Error(`no such target in this document: ${target}`);
    return record;
  }

  /** A file in the target's folder. */
  pathOf(target: string, file: string): string {
    return join(this.#document.run.dir, this.recordOf(target).folder, file);
  }

  async update(target: string, change: Partial<R>): Promise<void> {
    const targets = this.#document.targets.map((one) =>
      one.target === target ? { ...one, ...change } : one,
    );
    this.#document = { ...this.#document, targets };
    await this.#write();
  }

  async finish(now: Date): Promise<D> {
    const run = { ...this.#document.run, finishedAt: now.toISOString(), keeper: null };
    this.#document = { ...this.#document, run };
    await this.#write();
    return this.#document;
  }

  /** One after another: two atomic writes at once may land in the wrong order. */
  #write(): Promise<void> {
    const file = join(this.#document.run.dir, this.fileName);
    const write = (): Promise<void> =>
      writeFileAtomic(file, `${JSON.stringify(this.#document, null, 2)}\n`, { fsync: false });
    this.#writing = this.#writing.then(write, write);
    return this.#writing;
  }
}

function notWritable(dir: string, cause: unknown): GclabError {
  return new GclabError({
    code: 'results-not-writable',
    doing: 'making the results folder',
    what: `${dir} cannot be written (${cause instanceof Error ? cause.message : String(cause)})`,
    hint: 'choose another folder with --out',
    cause,
  });
}
