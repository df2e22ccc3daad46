import { randomBytes } from 'node:crypto';
import { printable } from '../../printable.js';
import type { CommandContext } from './command-context.js';
import { connectionLost, noPrivilege, sudoRefused } from './command-errors.js';
import type { Input, Process } from './process.js';
import { MarkedStderr, marked } from './start-marker.js';

/** Starts `argv` as root, the way the guest allows. Rejects with `no-privilege` or `sudo-password`. */
export async function spawnAsRoot(
  context: CommandContext,
  argv: readonly string[],
  signal: AbortSignal,
  input: Input,
): Promise<Process> {
  const { privilege, password } = context.privilege();
  switch (privilege) {
    case 'root':
      return context.spawn(argv, signal, input);
    case 'sudo':
      return context.spawn(['sudo', '-n', '--', ...argv], signal, input);
    case 'sudo-password':
      return spawnWithPassword(context, argv, password ?? '', signal, input);
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
  input: Input,
): Promise<Process> {
  const asks = `ask-${randomBytes(12).toString('hex')}`;
  const command = marked(argv);
  const given = input === 'streamed' ? input : 'given';
  const process = await context.spawn(['sudo', '-k', '-S', '-p', asks, '--', ...command.argv], signal, given);
  const stderr = new MarkedStderr(command.marker, false);
  process.stderr.pipe(stderr);
  process.stdin.on('error', () => {});
  let asked = 0;
  stderr.on('talk', (talk: string) => {
    for (const times = talk.split(asks).length - 1; asked < times; asked++) {
      // The second time means that the password was wrong.
      if (asked === 0) process.stdin.write(`${password}\n`);
      else process.stdin.end();
    }
  });
  const hasStarted = await Promise.race([stderr.started, process.ended.then(() => stderr.hasStarted)]);
  if (hasStarted) return { ...process, stderr };
  // Its end is only seen once its output was read.
  process.stdout.resume();
  const ending = await process.ended;
  const of = { target: context.target.name, argv };
  if (ending.kind === 'lost') throw connectionLost(of, 'the connection is gone', ending.cause);
  const said = printable(stderr.talk.replaceAll(asks, '').trim().split('\n').at(-1) ?? '');
  throw sudoRefused(of, asked > 1 ? null : said);
}
