import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { GclabError } from '../errors.js';
import type { Target } from '../model.js';
import { writeFailed } from '../write-failed.js';
import { DocumentFile } from './files/document-file.js';
import { NdjsonFile } from './files/ndjson-file.js';
import { makePrivateFolder } from './files/private-folder.js';
import { type Owner, ownerHere } from './owner.js';

export interface DocumentHeader {
  readonly id: string;
  readonly dir: string;
  readonly startedAt: string;
  /** Null while it goes on, and for ever where it was cut. */
  readonly finishedAt: string | null;
  /** Who writes this folder, or did until it was cut; null when it is finished. */
  readonly owner: Owner | null;
}

/** What a folder's document holds: a header, and a record for each target. */
export interface FolderDocument<R extends Target = Target> {
  readonly run: DocumentHeader;
  readonly targets: readonly R[];
}

/** What tells one kind of such folders from another. */
export interface FolderKind<R> {
  /** The document's. */
  readonly fileName: string;
  /** What of a record is in its own file and in the document: what is in lines of another file is not. */
  readonly stored: (record: R) => object;
}

/** Of a target, in its folder. */
export const RECORD_FILE = 'record.json';

/** `2026-11-24T06:01:02Z` → `20261124T060102Z-k3f9a1`: sorts by time, never meets another. */
export function newRunId(now: Date): string {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  return `${time}-${randomBytes(3).toString('hex')}`;
}

/**
 * A folder on the controller that always says how far things got: a document with what holds for all targets, a record for each target
 * as a file of its own, and events that are appended. What a change of one target writes does not grow with their number; the document
 * has the records only when it is finished, and until then is put together from its parts (read-run.ts).
 */
export class RecordFolder<R extends Target, D extends FolderDocument<R>> {
  #run: DocumentHeader;
  readonly #records: Map<string, R>;
  readonly #files = new Map<string, DocumentFile>();
  readonly #document: DocumentFile;
  readonly #lines = new Map<string, NdjsonFile>();
  #fault: GclabError | null = null;

  private constructor(
    private readonly kind: FolderKind<R>,
    private readonly initial: D,
    private hasRecords: boolean,
  ) {
    const { dir } = initial.run;
    this.#run = initial.run;
    this.#records = new Map(initial.targets.map((record) => [record.id, record]));
    this.#document = new DocumentFile(join(dir, kind.fileName), () => this.#shown());
  }

  /** Makes `<out>/<id>` with a folder per target; `results-not-writable` where it cannot. */
  static async create<R extends Target, D extends FolderDocument<R>>(
    kind: FolderKind<R>,
    where: { readonly out: string; readonly id: string; readonly now: Date },
    document: Omit<D, 'run'>,
  ): Promise<RecordFolder<R, D>> {
    const dir = join(resolve(where.out), where.id);
    const run: DocumentHeader = {
      id: where.id,
      dir,
      startedAt: where.now.toISOString(),
      finishedAt: null,
      owner: await ownerHere(),
    };
    const folder = new RecordFolder<R, D>(kind, { ...document, run } as D, false);
    try {
      await makePrivateFolder(dir);
      await folder.#document.write();
      for (const { id } of folder.#records.values()) await makePrivateFolder(join(dir, id));
    } catch (cause) {
      throw notWritable(dir, cause);
    }
    return folder;
  }

  /** Goes on with the folder of an earlier time, whose owner is gone. */
  static async resume<R extends Target, D extends FolderDocument<R>>(
    kind: FolderKind<R>,
    document: D,
  ): Promise<RecordFolder<R, D>> {
    const run = { ...document.run, finishedAt: null, owner: await ownerHere() };
    const folder = new RecordFolder<R, D>(kind, { ...document, run }, true);
    try {
      await folder.#document.write();
    } catch (cause) {
      throw notWritable(run.dir, cause);
    }
    return folder;
  }

  get document(): D {
    return { ...this.initial, run: this.#run, targets: [...this.#records.values()] };
  }

  recordOf(id: string): R {
    const record = this.#records.get(id);
    if (record === undefined) throw new Error(`no such target in this document: ${id}`);
    return record;
  }

  /** A file in a target's folder. */
  pathOf(id: string, file: string): string {
    return join(this.#run.dir, this.recordOf(id).id, file);
  }

  /** The first thing that could not be written since the folder was made; null where nothing failed. */
  get fault(): GclabError | null {
    return this.#fault;
  }

  /** Known at once, and in the target's own file once it resolves. Rejects with `results-not-written`. */
  async update(id: string, change: Partial<R>): Promise<void> {
    this.#records.set(id, { ...this.recordOf(id), ...change });
    let file = this.#files.get(id);
    if (file === undefined) {
      file = new DocumentFile(this.pathOf(id, RECORD_FILE), () => ({
        run: this.#run.id,
        ...this.kind.stored(this.recordOf(id)),
      }));
      this.#files.set(id, file);
    }
    await this.#written(file.write(), file.path, this.recordOf(id).name);
  }

  /** Resolves once they are lines of that file of the folder. Rejects with `results-not-written`. */
  async append(name: string, ...lines: readonly object[]): Promise<void> {
    let file = this.#lines.get(name);
    if (file === undefined) {
      file = new NdjsonFile(join(this.#run.dir, name));
      this.#lines.set(name, file);
    }
    await this.#written(file.append(...lines), file.path);
  }

  /** Never rejects: what could not be written is known here all the same, and `fault` says why. */
  async finish(now: Date): Promise<D> {
    this.#run = { ...this.#run, finishedAt: now.toISOString(), owner: null };
    this.hasRecords = true;
    for (const file of this.#lines.values()) await file.settled();
    await this.#written(this.#document.write(), this.#document.path).catch(() => undefined);
    return this.document;
  }

  async #written(writing: Promise<void>, path: string, target?: string): Promise<void> {
    try {
      await writing;
    } catch (cause) {
      const error = writeFailed(cause, 'keeping the results', path, target);
      this.#fault ??= error;
      throw error;
    }
  }

  /** At first only what the targets are: what becomes of them is in files of their own until there is more to say. */
  #shown(): object {
    const { document } = this;
    if (this.hasRecords) return { ...document, targets: document.targets.map(this.kind.stored) };
    const targets = document.targets.map(({ id, name, source, labels, ssh }) => ({
      ...{ id, name, source, labels, ssh },
    }));
    return { ...document, targets };
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
