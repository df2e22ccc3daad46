import { GclabError } from '../../errors.js';
import { type GuestError, parseGuestError } from '../../guest/guest-error.js';

/** The three files of a run that the guest streams; see docs/wire.md. */
export const STREAMED = ['journal', 'log', 'kernel'] as const;
export type Streamed = (typeof STREAMED)[number];

export type Frame =
  | { readonly kind: Streamed; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'alive' }
  | { readonly kind: 'error'; readonly error: GuestError }
  | { readonly kind: 'end' };

const MARKER = 'gcexp-stream 1\n';
/** A login shell may say something first, but not a book. */
const MAX_NOISE_BYTES = 256 * 1024;
const MAX_HEADER_BYTES = 64;
const MAX_FRAME_BYTES = 4 * 1024 * 1024;
const HEADER = /^(journal|log|kernel|alive|error|end) (\d{1,15}) (\d{1,10})$/;

/** Takes the stream of `gcexp start` and `gcexp follow` apart, whatever pieces it arrives in. */
export class FrameReader {
  #pending = Buffer.alloc(0);
  #marked = false;

  /** `guest` is only for the message when the stream is not one (`guest-answer`). */
  constructor(private readonly guest: string) {}

  /** The frames that this piece completes. */
  push(piece: Uint8Array): Frame[] {
    this.#pending = this.#pending.length === 0 ? Buffer.from(piece) : Buffer.concat([this.#pending, piece]);
    if (!this.#marked && !this.#skipNoise()) return [];
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) frames.push(frame);
    return frames;
  }

  /** What came instead of a stream, for an error message. */
  get noise(): string {
    return this.#marked ? '' : this.#pending.toString('utf8', 0, 500);
  }

  #skipNoise(): boolean {
    const start = this.#pending.indexOf(MARKER);
    if (start >= 0) {
      this.#marked = true;
      this.#pending = this.#pending.subarray(start + MARKER.length);
    } else if (this.#pending.length > MAX_NOISE_BYTES) {
      throw this.#nonsense('no stream began');
    }
    return this.#marked;
  }

  #next(): Frame | undefined {
    const lineEnd = this.#pending.indexOf(10);
    if (lineEnd < 0) {
      if (this.#pending.length > MAX_HEADER_BYTES) throw this.#nonsense('a frame has no header');
      return undefined;
    }
    const header = HEADER.exec(this.#pending.toString('latin1', 0, Math.min(lineEnd, MAX_HEADER_BYTES)));
    if (header === null) throw this.#nonsense('a frame has a malformed header');
    const length = Number(header[3]);
    if (length > MAX_FRAME_BYTES) throw this.#nonsense(`a frame claims ${length} bytes`);
    const end = lineEnd + 1 + length;
    if (this.#pending.length < end) return undefined;
    const bytes = Buffer.from(this.#pending.subarray(lineEnd + 1, end));
    this.#pending = this.#pending.subarray(end);
    return this.#frame(header[1] as Frame['kind'], Number(header[2]), bytes);
  }

  #frame(kind: Frame['kind'], offset: number, bytes: Buffer): Frame {
    switch (kind) {
      case 'journal':
      case 'log':
      case 'kernel':
        return { kind, offset, bytes };
      case 'error':
        return { kind, error: parseGuestError(bytes.toString('utf8')) };
      case 'alive':
      case 'end':
        return { kind };
    }
  }

  #nonsense(what: string): GclabError {
    return new GclabError({
      code: 'guest-answer',
      doing: 'following the run',
      target: this.guest,
      what: `${what} in what the guest sent`,
      hint: 'see whether the login shell of that user prints something in the middle of a session',
    });
  }
}
