import { randomBytes } from 'node:crypto';
import { Transform } from 'node:stream';
import { printable } from '../printable.js';
import type { CommandContext } from './command.js';
import { connectionLost, noPrivilege, sudoRefused } from './command-errors.js';
import type { Process } from './process.js';

/** Says on stderr that sudo let it through, and becomes the command. */
const STARTED = 'echo "$0" >&2; exec "$@"';

/** Starts `argv` as root, the way the guest allows. Rejects with `no-privilege` or `sudo-password`. */
export async function spawnAsRoot(
  context: CommandContext,
  argv: readonly string[],
  signal: AbortSignal,
): Promise<Process> {
  const { privilege, password } = context.privilege();
  switch (privilege) {
    case 'root':
      return context.spawn(argv, signal);
    case 'sudo':
      return context.spawn(['sudo', '-n', '--', ...argv], signal);
    case 'sudo-password':
      return spawnWithPassword(context, argv, password ?? '', signal);
    case 'none':
      throw noPrivilege({ target: context.target.name, argv });
  }
}

/**
 * sudo reads the password from stdin, which the command needs too. So the password is sent when sudo asks for it
 * and not before: where sudo wants none the command would read it, and of a wrong one sudo would take the next
 * lines of data for further tries, which can lock the account. `-k` makes every sudo ask alike.
 */
async function spawnWithPassword(
  context: CommandContext,
  argv: readonly string[],
  password: string,
  signal: AbortSignal,
): Promise<Process> {
  const nonce = randomBytes(12).toString('hex');
  const [asks, started] = [`ask-${nonce}`, `started-${nonce}`];
  const sudo = ['sudo', '-k', '-S', '-p', asks, '--', 'sh', '-c', STARTED, started, ...argv];
  const process = await context.spawn(sudo, signal);
  const talk = new SudoTalk(asks, `${started}\n`);
  process.stderr.pipe(talk);
  process.stdin.on('error', () => {});
  let asked = 0;
  talk.on('asks', () => {
    if (asked++ === 0) process.stdin.write(`${password}\n`);
    else process.stdin.end();
  });
  return new Promise<Process>((resolve, reject) => {
    talk.once('started', () => resolve({ ...process, stderr: talk }));
    void process.ended.then((ending) => {
      const of = { target: context.target.name, argv };
      if (ending.kind === 'lost') reject(connectionLost(of, 'the connection is gone', ending.cause));
      else reject(sudoRefused(of, asked > 1 ? null : talk.said));
    });
  });
}

/** sudo's side of stderr: what is before the command starts is its talk, what is after goes through. */
class SudoTalk extends Transform {
  #hasStarted = false;
  #talk = '';
  #from = 0;

  constructor(
    readonly asks: string,
    readonly started: string,
  ) {
    super();
  }

  /** The last line of what sudo said, without our marks. */
  get said(): string {
    return printable(this.#talk.replaceAll(this.asks, '').trim().split('\n').at(-1) ?? '');
  }

  override _transform(chunk: Buffer, _encoding: string, done: () => void): void {
    if (this.#hasStarted) this.push(chunk);
    else this.#listen(chunk);
    done();
  }

  #listen(chunk: Buffer): void {
    this.#talk += chunk.toString('latin1');
    for (;;) {
      const at = this.#talk.indexOf(this.asks, this.#from);
      if (at === -1) break;
      this.#from = at + this.asks.length;
      this.emit('asks');
    }
    const at = this.#talk.indexOf(this.started);
    if (at === -1) return;
    this.#hasStarted = true;
    this.push(Buffer.from(this.#talk.slice(at + this.started.length), 'latin1'));
    this.emit('started');
  }
}
