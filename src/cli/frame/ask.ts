import type { Question } from '../../model.js';
import { printable } from '../../printable.js';
import type { Progress } from '../progress/plain.js';

/** Resolves undefined where nobody answers. */
export type Ask = (question: Question) => Promise<string | undefined>;

/** Whom Ctrl-C and Ctrl-D at a question are for. */
interface Interruptible {
  readonly signal: AbortSignal;
  interrupt(): void;
}

/**
 * A function that asks on the terminal, one question at a time; undefined where there is no terminal to ask on,
 * so that nothing waits for an answer that cannot come.
 */
export function askOnTerminal(progress: Progress, command: Interruptible): Ask | undefined {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return undefined;
  return (question) => progress.aside(() => ask(question, command));
}

async function ask(question: Question, command: Interruptible): Promise<string | undefined> {
  const { createInterface } = await import('node:readline');
  const { Writable } = await import('node:stream');
  // Nobody who has interrupted a command wants to be asked what was waiting behind that question.
  if (command.signal.aborted) return undefined;
  question.before?.();
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const output = question.secret ? silent : process.stderr;
  // First, since it makes the terminal raw: what is typed once the prompt stands there is neither echoed nor lost.
  const reader = createInterface({ input: process.stdin, output, terminal: true });
  const lines = question.prompt.split('\n').map((line) => printable(line, 300));
  process.stderr.write(lines.join('\n'));
  return await new Promise((resolve) => {
    const finish = (answer: string | undefined): void => {
      command.signal.removeEventListener('abort', abandon);
      reader.removeAllListeners();
      reader.close();
      if (question.secret || answer === undefined) process.stderr.write('\n');
      resolve(answer);
    };
    const abandon = (): void => finish(undefined);
    const interrupt = (): void => {
      abandon();
      command.interrupt();
    };
    command.signal.addEventListener('abort', abandon, { once: true });
    reader.once('line', finish);
    // In raw mode Ctrl-C and Ctrl-D are keys.
    reader.once('SIGINT', interrupt);
    reader.once('close', interrupt);
  });
}
