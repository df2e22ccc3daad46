import { Duplex } from 'node:stream';

/** What is needed of a channel: an ssh2 channel is one, and so is a local process's stdio. */
export interface RawChannel extends Duplex {
  /** ssh2: whether this side may still write. */
  readonly outgoing?: { readonly state: string };
}

/**
 * A channel as the socket that an HTTP client expects. The raw channel in its place hangs the next request once
 * the server closed an idle connection: it stays half open, and its end is only seen by who reads.
 */
export class ChannelDuplex extends Duplex {
  #ended = false;

  constructor(readonly channel: RawChannel) {
    super({ allowHalfOpen: false });
    channel.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) channel.pause();
    });
    channel.on('end', () => this.#end());
    channel.on('close', () => this.#close());
    channel.on('error', (error: Error) => this.destroy(error));
  }

  override _read(): void {
    this.channel.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#isWritable()) this.channel.write(chunk, encoding, done);
    else done(Object.assign(new Error('the channel is closed for writing'), { code: 'EPIPE' }));
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#isWritable()) this.channel.end(() => done());
    else done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // Its close never comes while something is unread.
    this.channel.resume();
    this.channel.destroy();
    done(error);
  }

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

  #isWritable(): boolean {
    const { outgoing } = this.channel;
    return this.channel.writable && (outgoing === undefined || outgoing.state === 'open');
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
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
