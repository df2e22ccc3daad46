import { Duplex, type Readable, type Writable } from 'node:stream';

/** The two ends of a channel: one ssh2 channel is both, a bridge has the stdin and stdout of a command. */
export interface ChannelEnds {
  readonly readable: Readable;
  readonly writable: Writable;
  /** Whether this side may still write. */
  isWritable(): boolean;
  /** Calls back once the channel is closed, whoever closed it. */
  onClose(closed: () => void): void;
  close(): void;
}

/**
 * A channel as the socket that an HTTP client expects. The raw channel in its place hangs the next request once
 * the server closed an idle connection: it stays half open, and its end is only seen by who reads. May be made
 * before the channel is open, as a socket is before it is connected.
 */
export class ChannelDuplex extends Duplex {
  #ends: ChannelEnds | undefined;
  #hasEnded = false;

  constructor(readonly opening: Promise<ChannelEnds>) {
    super({ allowHalfOpen: false });
  }

  override _construct(done: (error?: Error | null) => void): void {
    this.opening.then(
      (ends) => {
        if (this.destroyed) ends.close();
        else this.#attach(ends);
        done();
      },
      (error: Error) => done(error),
    );
  }

  override _read(): void {
    this.#ends?.readable.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#ends?.isWritable()) this.#ends.writable.write(chunk, encoding, done);
    else done(Object.assign(new Error('the channel is closed for writing'), { code: 'EPIPE' }));
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#ends?.isWritable()) this.#ends.writable.end(() => done());
    else done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // Its close never comes while something is unread.
    this.#ends?.readable.resume();
    this.#ends?.close();
    done(error);
  }

  // What an HTTP client calls on a socket and a channel has no use for.
  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  #attach(ends: ChannelEnds): void {
    this.#ends = ends;
    ends.readable.on('data', (chunk: Buffer) => {
      if (!this.destroyed && !this.push(chunk)) ends.readable.pause();
    });
    ends.readable.on('end', () => this.#end());
    ends.readable.on('error', (error: Error) => this.destroy(error));
    ends.writable.on('error', (error: Error) => this.destroy(error));
    ends.onClose(() => this.#close());
  }

  #end(): void {
    if (this.#hasEnded || this.destroyed) return;
    this.#hasEnded = true;
    this.push(null);
    // Without a reader the end would not be noticed.
    this.read(0);
  }

  #close(): void {
    this.#end();
    if (this.readableLength === 0 || this.readableEnded) this.destroy();
    else this.once('end', () => this.destroy());
  }
}
