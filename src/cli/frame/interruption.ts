import { sharedAbort } from '../../concurrency/shared-abort.js';
import { EXIT, GclabError } from '../../errors.js';

const MESSAGE = 'interrupted: stopping cleanly (again to stop at once)';
const SHOW_CURSOR = '\u001b[?25h';

type Tell = (message: string) => void;

/**
 * Ctrl-C as the command line promises it (docs/architecture.md): the first one aborts `signal`, so that a workflow stops cleanly
 * and says what is left; the second ends the process at once. SIGTERM and SIGHUP count as the first.
 */
export class Interruption {
  readonly #controller = sharedAbort();
  readonly #onSignal = (): void => this.interrupt();
  #tell: Tell = tellOnStderr;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  listen(): void {
    for (const name of SIGNALS) process.on(name, this.#onSignal);
  }

  release(): void {
    for (const name of SIGNALS) process.off(name, this.#onSignal);
  }

  /** Says it by `tell`, which knows what is drawn, until what this returns is called. */
  tellBy(tell: Tell): () => void {
    this.#tell = tell;
    return () => {
      this.#tell = tellOnStderr;
    };
  }

  interrupt(): void {
    if (this.signal.aborted) exitAtOnce();
    this.#tell(MESSAGE);
    this.#controller.abort(new GclabError({ code: 'interrupted', doing: 'running', what: 'interrupted' }));
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function tellOnStderr(message: string): void {
  process.stderr.write(`\n${message}\n`);
}

/** Whatever is drawn has hidden the cursor. */
function exitAtOnce(): never {
  if (process.stderr.isTTY === true) process.stderr.write(SHOW_CURSOR);
  process.exit(EXIT.interrupted);
}
