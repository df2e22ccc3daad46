import { execa } from 'execa';
import { GclabError } from '../../errors.js';
import { findTool } from '../../provider/controller/find-tool.js';

/** What a shell says of a program that a signal ended. */
const SIGNALLED = 255;

/** Gives terminal and pipes to a program, and resolves with its exit code. */
export async function handOver([program = '', ...args]: readonly string[]): Promise<number> {
  const { exitCode } = await execa(program, args, { stdio: 'inherit', reject: false });
  return exitCode ?? SIGNALLED;
}

/** Rejects with `tool-missing` where there is no ssh. */
export async function needSsh(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  if ((await findTool('ssh', env)) !== undefined) return;
  throw new GclabError({
    code: 'tool-missing',
    doing: 'logging in to a VM',
    what: 'ssh is not installed',
    hint: 'install it (macOS has it in /usr/bin: see that PATH names it; Debian and Ubuntu: apt-get install openssh-client)',
  });
}
