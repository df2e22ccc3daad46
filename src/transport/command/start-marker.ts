import { randomBytes } from 'node:crypto';
import { Transform } from 'node:stream';

/**
 * A command that says on stderr that it was started. What its own exit status cannot tell: whether the status is
 * its own, or that of the program (sudo, ssh) that was to start it.
 */
export interface MarkedCommand {
  readonly argv: readonly string[];
  readonly marker: string;
}

export function marked(argv: readonly string[]): MarkedCommand {
  return under('echo "$0" >&2; exec "$@"', argv);
}

/** One that also skips its stdin up to a line with the marker: what comes before is not meant for it. */
export function markedReader(argv: readonly string[]): MarkedCommand {
  return under('echo "$0" >&2; while read -r line; do [ "$line" = "$0" ] && exec "$@"; done', argv);
}

/** A shell that skips its stdin up to a line with the marker, and becomes what the next line says (`commandLine`). */
export function markedShell(): MarkedCommand {
  return under(
    'echo "$0" >&2; while read -r line; do [ "$line" = "$0" ] && break; done; read -r line && eval "exec $line"',
    [],
  );
}

function under(script: string, argv: readonly string[]): MarkedCommand {
  const marker = `started-${randomBytes(12).toString('hex')}`;
  return { argv: ['sh', '-c', script, marker, ...argv], marker };
}

const MAX_TALK = 64 * 1024;

/** A stderr without the marker's line. `talk` is what came before it; that goes through too where `keepsTalk`. */
export class MarkedStderr extends Transform {
  /** Whether the marker came, once that is known: it came, or stderr ended without. */
  readonly started: Promise<boolean>;
  #hasStarted = false;
  #talk = '';
  #settle: (hasStarted: boolean) => void = () => {};

  constructor(
    readonly marker: string,
    readonly keepsTalk: boolean,
  ) {
    super();
    this.started = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  get talk(): string {
    return this.#talk;
  }

  override _transform(chunk: Buffer, _encoding: string, done: () => void): void {
    if (this.#hasStarted) this.push(chunk);
    else this.#listen(chunk);
    done();
  }

  override _flush(done: () => void): void {
    if (!this.#hasStarted && this.keepsTalk) this.push(Buffer.from(this.#talk, 'latin1'));
    this.#settle(this.#hasStarted);
    done();
  }

  #listen(chunk: Buffer): void {
    // A book of noise is kept only as far as the marker may have begun in it.
    const kept = this.#talk.length > MAX_TALK ? this.#talk.slice(-this.marker.length - 1) : this.#talk;
    this.#talk = kept + chunk.toString('latin1');
    this.emit('talk', this.#talk);
    const line = `${this.marker}\n`;
    const at = this.#talk.indexOf(line);
    if (at === -1) return;
    this.#hasStarted = true;
    const before = this.keepsTalk ? this.#talk.slice(0, at) : '';
    this.push(Buffer.from(before + this.#talk.slice(at + line.length), 'latin1'));
    this.#settle(true);
  }
}
