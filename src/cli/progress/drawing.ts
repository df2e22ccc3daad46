import type { WriteStream } from 'node:tty';
import {
  DefaultRenderer,
  Listr,
  ListrDefaultRendererLogLevels,
  ListrLogger,
  type ListrTask,
  ProcessOutput,
} from 'listr2';
import { Deferred } from '../../concurrency/deferred.js';

/** Draws on the stream that it is given: listr2 would print plain lines on stdout where that is no terminal. */
class OnAnyStream extends DefaultRenderer {
  static override nonTTY = true;
}

type Task = Parameters<ListrTask['task']>[1];

interface End {
  /** `interrupted`: it goes on, and is drawn again elsewhere. */
  readonly how: 'done' | 'failed' | 'interrupted';
  readonly title: string;
}

/** One line with a spinner, as a task of listr2 that does nothing but wait until somebody says that it has ended. */
export class Drawing {
  readonly #end = new Deferred<End>();
  #hasEnded = false;
  #task: Task | undefined;

  constructor(
    readonly title: string,
    public output: string,
  ) {}

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  say(output: string): void {
    this.output = output;
    if (this.#task !== undefined) this.#task.output = output;
  }

  end(isDone: boolean, title: string): void {
    this.#settle({ how: isDone ? 'done' : 'failed', title });
  }

  /** What is drawn stays as it is, unticked; where it was not yet drawn, it never is. */
  interrupt(): void {
    this.#settle({ how: 'interrupted', title: this.title });
  }

  /** Resolves when the terminal is free again. */
  async run(stream: WriteStream): Promise<void> {
    if (this.#hasEnded && (await this.#end.promise).how === 'interrupted') return;
    const list = new Listr([{ title: this.title, task: (_, task) => this.#wait(task) }], {
      renderer: OnAnyStream,
      exitOnError: false,
      concurrent: false,
      // Ctrl-C is the command's: listr2's own listener would end the process in the middle of cleaning up.
      registerSignalListeners: false,
      rendererOptions: {
        logger: new ListrLogger({ processOutput: new ProcessOutput(stream, stream) }),
        icon: { [ListrDefaultRendererLogLevels.SKIPPED_WITH_COLLAPSE]: '…' },
        collapseErrors: false,
      },
    });
    // A phase that failed is drawn as one; what became of it is the workflow's to say.
    await list.run().catch(() => undefined);
  }

  async #wait(task: Task): Promise<void> {
    this.#task = task;
    if (this.output !== '') task.output = this.output;
    const { how, title } = await this.#end.promise;
    this.#task = undefined;
    task.title = title;
    if (how === 'interrupted') task.skip();
    if (how === 'failed') throw new Error(title);
  }

  #settle(end: End): void {
    this.#hasEnded = true;
    this.#end.resolve(end);
  }
}
