import { createHash, randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { GclabError } from '../errors.js';
import type { Facts, Privilege, Settings, TargetOutcome } from '../model.js';

/** What `run.json` holds and `--json` prints. Keys may be added; these stay. */
export interface RunDocument {
  readonly schema: 1;
  readonly gclab: string;
  readonly run: RunHeader;
  readonly settings: Settings;
  readonly targets: readonly TargetRecord[];
}

export interface RunHeader {
  readonly id: string;
  readonly dir: string;
  readonly startedAt: string;
  /** Null while it runs, and for ever where it was cut. */
  readonly finishedAt: string | null;
}

/** How far a target got, and where on the guest its run lies: what `attach` and `clean` need. */
export interface TargetRecord extends Omit<TargetOutcome, 'outcome' | 'facts'> {
  /** Null: no outcome yet. */
  readonly outcome: TargetOutcome['outcome'] | null;
  readonly facts: Facts | null;
  readonly phase: string | null;
  /** Folder below `run.dir`. */
  readonly folder: string;
  readonly guest: GuestPlace | null;
}

export interface GuestPlace {
  readonly dir: string;
  readonly gcexp: string;
  readonly privilege: Privilege;
  /** Whether the run's folder is still on the guest. */
  readonly left: boolean;
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

/** The folder of a run on the controller. `run.json` is written anew, atomically, at each change. */
export class RunFolder {
  #document: RunDocument;
  #writing: Promise<void> = Promise.resolve();

  private constructor(document: RunDocument) {
    this.#document = document;
  }

  /** Makes `<out>/<id>` with a folder per target; `results-not-writable` where it cannot. */
  static async create(
    out: string,
    document: Omit<RunDocument, 'run'>,
    id: string,
    now: Date,
  ): Promise<RunFolder> {
    const dir = join(resolve(out), id);
    const run = { id, dir, startedAt: now.toISOString(), finishedAt: null };
    const folder = new RunFolder({ ...document, run });
    try {
      for (const target of document.targets) await mkdir(join(dir, target.folder), { recursive: true });
      await folder.#write();
    } catch (cause) {
      throw notWritable(dir, cause);
    }
    return folder;
  }

  /** Goes on with the folder of an earlier run. */
  static resume(document: RunDocument): RunFolder {
    return new RunFolder(document);
  }

  get document(): RunDocument {
    return this.#document;
  }

  get dir(): string {
    return this.#document.run.dir;
  }

  recordOf(target: string): TargetRecord {
    const record = this.#document.targets.find((one) => one.target === target);
    if (record === undefined) throw new Error(`no such target in this run: ${target}`);
    return record;
  }

  pathOf(target: string, file: string): string {
    return join(this.dir, this.recordOf(target).folder, file);
  }

  async update(target: string, change: Partial<TargetRecord>): Promise<void> {
    const targets = this.#document.targets.map((one) =>
      one.target === target ? { ...one, ...change } : one,
    );
    this.#document = { ...this.#document, targets };
    await this.#write();
  }

  async finish(now: Date): Promise<RunDocument> {
    this.#document = { ...this.#document, run: { ...this.#document.run, finishedAt: now.toISOString() } };
    await this.#write();
    return this.#document;
  }

  /** One after another: two atomic writes at once may land in the wrong order. */
  #write(): Promise<void> {
    const file = join(this.dir, 'run.json');
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

/** A target's record before anything was done. */
export function freshRecord(target: string): TargetRecord {
  return {
    target,
    outcome: null,
    verdict: null,
    readiness: null,
    facts: null,
    trials: [],
    expectationHeld: null,
    error: null,
    phase: null,
    folder: folderNameOf(target),
    guest: null,
  };
}
