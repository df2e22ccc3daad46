import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Screen } from './screen.js';

const COLUMNS = 100;
const ROWS = 40;

/** A program in a pseudo-terminal of 100 columns and 40 rows, made by Python's pty. */
const PTY = `
import fcntl, os, pty, select, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', ${ROWS}, ${COLUMNS}, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
while True:
    ready, _, _ = select.select([fd, 0], [], [])
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

export interface Terminal {
  type(keys: string): void;
  /** Resolves once this was written since the last time it was waited for. */
  shows(text: string | RegExp): Promise<void>;
  /** Resolves once this line stands on the screen. */
  has(line: string): Promise<void>;
  /** What stands on the screen now. */
  screen(): string[];
  /** Everything written so far, escape sequences and all. */
  readonly written: string;
  exitCode(): Promise<number | null>;
}

/** gclab's own state is in the folder where it is started. `onWrite` hears each piece that is written, as it is. */
export function startInTerminal(
  argv: readonly string[],
  cwd: string,
  onWrite: (piece: string) => void = () => {},
): Terminal {
  const env = { ...process.env, TERM: 'xterm-256color', GCLAB_HOME: cwd };
  const child: ChildProcess = spawn('python3', ['-c', PTY, ...argv], { cwd, env, stdio: 'pipe' });
  const ended = once(child, 'close') as Promise<[number | null]>;
  let written = '';
  let seen = 0;
  let wake: () => void = () => {};
  child.stdout?.on('data', (piece: Buffer) => {
    written += piece;
    onWrite(String(piece));
    wake();
  });
  child.once('close', () => wake());
  const more = async (wanted: string | RegExp): Promise<void> => {
    if (child.exitCode !== null) throw new Error(`ended without ${wanted}:\n${written.slice(-2_000)}`);
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  };
  const screen = (): string[] => {
    const shown = new Screen(COLUMNS, ROWS);
    shown.write(written);
    return shown.lines;
  };
  return {
    type: (keys) => void child.stdin?.write(keys),
    shows: async (text) => {
      for (;;) {
        const rest = written.slice(seen);
        const at = typeof text === 'string' ? rest.indexOf(text) : rest.search(text);
        if (at >= 0) {
          seen += at + 1;
          return;
        }
        await more(text);
      }
    },
    get written() {
      return written;
    },
    has: async (line) => {
      while (!screen().includes(line)) await more(line);
    },
    screen,
    exitCode: async () => (await ended)[0],
  };
}
