import { type FileHandle, open } from 'node:fs/promises';
import { GclabError } from '../errors.js';
import type { Streamed } from './stream.js';

/** Where the three streamed files of a run go on the controller. */
export type CollectionPaths = Readonly<Record<Streamed, string>>;

/** Far above any sensible run (an hour of samples at 1 kHz is 50 MB), far below a full disk. */
const MAX_FILE_BYTES = 2 * 1024 ** 3;

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
    const [journal, log, kernel] = await Promise.all([
      CollectedFile.open(paths.journal),
      CollectedFile.open(paths.log),
      CollectedFile.open(paths.kernel),
    ]);
    return new Collection(target, { journal, log, kernel });
  }

  offsetOf(stream: Streamed): number {
    return this.files[stream].size;
  }

  /** Appends; a gap, an overlap or too much is `guest-answer`, since then the copy would not be the original. */
  async append(stream: Streamed, offset: number, bytes: Uint8Array): Promise<void> {
    const file = this.files[stream];
    if (offset !== file.size || file.size + bytes.length > MAX_FILE_BYTES) {
      throw new GclabError({
        code: 'guest-answer',
        doing: 'collecting the run',
        target: this.target,
        what: `the ${stream} came from offset ${offset} where ${file.size} was expected`,
        hint: 'collect again from the start: gclab remote attach into a fresh folder',
      });
    }
    await file.append(bytes);
  }

  /** Everything is on the disk when this resolves: only then may the guest forget it. */
  async sync(): Promise<void> {
    await Promise.all(Object.values(this.files).map((file) => file.sync()));
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.files).map((file) => file.close()));
  }
}

class CollectedFile {
  private constructor(
    private readonly handle: FileHandle,
    public size: number,
  ) {}

  static async open(path: string): Promise<CollectedFile> {
    const handle = await open(path, 'a');
    return new CollectedFile(handle, (await handle.stat()).size);
  }

  async append(bytes: Uint8Array): Promise<void> {
    await this.handle.appendFile(bytes);
    this.size += bytes.length;
  }

  async sync(): Promise<void> {
    await this.handle.datasync();
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}
