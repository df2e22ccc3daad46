import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { Screen } from './screen.js';

/**
 * A program in a pseudo-terminal made by Python's pty. The first argument is its size, as in `40x100`; another one that comes on the
 * file descriptor 3 resizes it.
 */
const PTY = `
import fcntl, os, pty, select, struct, sys, termios
def resize(fd, size):
    rows, columns = size.split('x')
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', int(rows), int(columns), 0, 0))
pid, fd = pty.fork()
if pid == 0:
    os.close(3)
    resize(1, sys.argv[1])
    os.execvp(sys.argv[2], sys.argv[2:])
while True:
    ready, _, _ = select.select([fd, 0, 3], [], [])
    if 3 in ready: resize(fd, os.read(3, 64).decode())
    if 0 in ready:
        typed = os.read(0, 65536)
        if typed: os.write(fd, typed)
    if fd in ready:
        try: said = os.read(fd, 65536)
        except OSError: said = b''
        if not said: break
        os.write(1, said)
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status))
`;

/** Shorter than a test may take, so that a test which waits in vain says for what, and shows the screen. */
const PATIENCE_MS = 40_000;

export interface Terminal {
  type(keys: string): void;
  /** Resolves once this was written since the last time it was waited for. */
  shows(text: string | RegExp): Promise<void>;
  /** Resolves once this line stands on the screen. */
  has(line: string): Promise<void>;
  /** What stands on the screen now. */
  screen(): Promise<string[]>;
  /** The same with everything that scrolled away above it. */
  everything(): Promise<string[]>;
  resize(columns: number, rows: number): Promise<void>;
  /** Everything written so far, escape sequences and all. */
  readonly written: string;
  exitCode(): Promise<number | null>;
}

export interface TerminalOptions {
  /** 0: it says that it has no width. */
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Hears each piece that is written, as it is. */
  readonly onWrite?: (piece: string) => void;
}

/** gclab's own state is in the folder where it is started. */
export function startInTerminal(
  argv: readonly string[],
  cwd: string,
  { columns = 100, rows = 40, env: more = {}, onWrite = () => {} }: TerminalOptions = {},
): Terminal {
  const env = { ...process.env, TERM: 'xterm-256color', GCLAB_HOME: cwd, ...more };
  const child: ChildProcess = spawn('python3', ['-c', PTY, `${rows}x${columns}`, ...argv], {
    cwd,
    env,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close') as Promise<[number | null]>;
  const size = child.stdio[3] as Writable;
  const shown = new Screen(columns === 0 ? 80 : columns, rows);
  let written = '';
  let seen = 0;
  let wake: () => void = () => {};
  child.stdout?.setEncoding('utf8');
  child.stdout?.on('data', (piece: string) => {
    written += piece;
    shown.write(piece);
    onWrite(piece);
    wake();
  });
  child.once('close', () => wake());
  /** Resolves once more than `known` characters were written. */
  const untilMore = async (known: number, wanted: string | RegExp, deadline: AbortSignal): Promise<void> => {
    if (written.length > known) return;
    if (child.exitCode !== null) throw new Error(`ended without ${wanted}:\n${written.slice(-2_000)}`);
    if (deadline.aborted) throw new Error(`no ${wanted} on:\n${(await shown.everything()).join('\n')}`);
    await new Promise<void>((resolve) => {
      wake = resolve;
      deadline.addEventListener('abort', () => resolve(), { once: true });
    });
  };
  return {
    type: (keys) => void child.stdin?.write(keys),
    shows: async (text) => {
      const deadline = AbortSignal.timeout(PATIENCE_MS);
      for (;;) {
        const rest = written.slice(seen);
        const at = typeof text === 'string' ? rest.indexOf(text) : rest.search(text);
        if (at >= 0) {
          seen += at + 1;
          return;
        }
        await untilMore(seen + rest.length, text, deadline);
      }
    },
    get written() {
      return written;
    },
    has: async (line) => {
      const deadline = AbortSignal.timeout(PATIENCE_MS);
      for (;;) {
        const known = written.length;
        if ((await shown.lines()).includes(line)) return;
        await untilMore(known, line, deadline);
      }
    },
    screen: () => shown.lines(),
    everything: () => shown.everything(),
    resize: async (newColumns, newRows) => {
      await shown.resize(newColumns, newRows);
      size.write(`${newRows}x${newColumns}`);
    },
    exitCode: async () => (await ended)[0],
  };
}
