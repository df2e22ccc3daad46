import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { type ErrorCode, GclabError } from '../../errors.js';
import { MAX_JOURNAL_BYTES } from '../../journal/schema.js';
import { formatBytes } from '../../units.js';
import { writeFailed } from '../../write-failed.js';
import type { Streamed } from './stream.js';

/** Where the three streamed files of a run go on the controller. */
export type CollectionPaths = Readonly<Record<Streamed, string>>;

/** gcexp ends a run whose journal reaches its bound, and writes a log of 16 MiB at most. */
const MAX_BYTES: Readonly<Record<Streamed, number>> = {
  journal: MAX_JOURNAL_BYTES,
  log: 32 * 1024 ** 2,
  kernel: 64 * 1024 ** 2,
};

const DOING = 'collecting the run';

/** For the user alone, as all results are. */
const FILE_MODE = 0o600;

/**
 * The controller's copies of the guest's files, byte for byte. What is there already counts, so following
 * again goes on from the offset that the last one reached.
 */
export class Collection {
  private constructor(
    private readonly target: string,
    private readonly files: Readonly<Record<Streamed, CollectedFile>>,
  ) {}

  static async open(target: string, paths: CollectionPaths): Promise<Collection> {
    const opened: CollectedFile[] = [];
    const openOne = async (path: string): Promise<CollectedFile> => {
      const file = await CollectedFile.open(path, target);
      opened.push(file);
      return file;
    };
    try {
      const journal = await openOne(paths.journal);
      const log = await openOne(paths.log);
      const kernel = await openOne(paths.kernel);
      return new Collection(target, { journal, log, kernel });
    } catch (cause) {
      await Promise.all(opened.map((file) => file.close()));
      throw cause;
    }
  }

  offsetOf(stream: Streamed): number {
    return this.files[stream].size;
  }

  /** Appends. A gap or an overlap is `guest-answer`, since then the copy would not be the original; too much `journal-too-large`. */
  async append(stream: Streamed, offset: number, bytes: Uint8Array): Promise<void> {
    const file = this.files[stream];
    if (offset !== file.size) {
      throw this.#error(
        'guest-answer',
        `the ${stream} came from offset ${offset} where ${file.size} was expected`,
        'collect again from the start: gclab remote attach into a fresh folder',
      );
    }
    if (file.size + bytes.length > MAX_BYTES[stream]) {
      throw this.#error(
        'journal-too-large',
        `the ${stream} is longer than the ${formatBytes(MAX_BYTES[stream])} that a run may write`,
        'look at that guest: its gcexp would have ended the run there; what came before is in the run’s folder',
      );
    }
    await file.append(bytes);
  }

  #error(code: ErrorCode, what: string, hint: string): GclabError {
    return new GclabError({ code, doing: DOING, target: this.target, what, hint });
  }

  /** Everything is on the disk when this resolves: only then may the guest forget it. */
  async sync(): Promise<void> {
    await Promise.all(Object.values(this.files).map((file) => file.sync()));
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.files).map((file) => file.close()));
  }
}

/**
 * Written at the offsets that the bytes have on the guest, never appended: whoever else follows the same run writes the same bytes to the
 * same places.
 */
class CollectedFile {
  private constructor(
    private readonly path: string,
    private readonly target: string,
    private readonly handle: FileHandle,
    public size: number,
  ) {}

  static async open(path: string, target: string): Promise<CollectedFile> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, constants.O_RDWR | constants.O_CREAT, FILE_MODE);
      return new CollectedFile(path, target, handle, (await handle.stat()).size);
    } catch (cause) {
      await handle?.close();
      throw writeFailed(cause, DOING, path, target);
    }
  }

  async append(bytes: Uint8Array): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const { bytesWritten } = await this.handle
        .write(bytes, written, bytes.length - written, this.size)
        .catch((cause: unknown) => {
          throw writeFailed(cause, DOING, this.path, this.target);
        });
      written += bytesWritten;
      this.size += bytesWritten;
    }
  }

  async sync(): Promise<void> {
    await this.handle.datasync().catch((cause: unknown) => {
      throw writeFailed(cause, DOING, this.path, this.target);
    });
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}
