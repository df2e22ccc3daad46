import type { Question } from '../model.js';
import { printable } from '../printable.js';

/**
 * A function that asks on the terminal, one question at a time; undefined where there is no terminal to ask on,
 * so that nothing waits for an answer that cannot come.
 */
export function askOnTerminal(): ((question: Question) => Promise<string | undefined>) | undefined {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return undefined;
  let last: Promise<unknown> = Promise.resolve();
  return (question) => {
    const answer = last.then(() => ask(question));
    last = answer.catch(() => undefined);
    return answer;
  };
}

async function ask(question: Question): Promise<string | undefined> {
  const { createInterface } = await import('node:readline');
  const { Writable } = await import('node:stream');
  question.before?.();
  process.stderr.write(printable(question.prompt, 300));
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const output = question.secret ? silent : process.stderr;
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  return new Promise((resolve) => {
    lines.once('line', (line) => finish(line));
    lines.once('close', () => finish(undefined));
    // In raw mode Ctrl-C is a key: hand it on as the signal it would have been.
    lines.once('SIGINT', () => {
      finish(undefined);
      process.kill(process.pid, 'SIGINT');
    });
    function finish(answer: string | undefined): void {
      lines.removeAllListeners();
      lines.close();
      if (question.secret) process.stderr.write('\n');
      resolve(answer);
    }
  });
}
