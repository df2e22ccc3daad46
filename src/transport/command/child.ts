import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { finished } from 'node:stream/promises';

/** A program on this machine, in a process group of its own: Ctrl-C at the terminal is for us. */
export interface Child {
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Once it is gone, whether or not its output was read. Rejects where it could not be started. */
  readonly exited: Promise<Exit>;
  /** Once it is gone and its output was read. Rejects where it could not be started. */
  readonly ended: Promise<Exit>;
  /** Closes its stdin and drops its output. */
  release(): void;
}

export interface Exit {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

export function startChild(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Child {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  // Piped at once: when a child exits, Node throws away what nobody listens to yet.
  const [stdout, stderr] = [child.stdout.pipe(new PassThrough()), child.stderr.pipe(new PassThrough())];
  child.stdin.on('error', () => {});
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
    child.once('error', reject);
  });
  const read = [stdout, stderr].map((stream) => finished(stream, { writable: false }).catch(() => {}));
  const ended = exited.then(async (exit) => {
    await Promise.all(read);
    return exit;
  });
  // Whoever waits for one of them need not wait for the other.
  exited.catch(() => {});
  ended.catch(() => {});
  const release = (): void => {
    child.stdin.destroy();
    stdout.resume();
    stderr.resume();
  };
  return { process: child, stdin: child.stdin, stdout, stderr, exited, ended, release };
}
