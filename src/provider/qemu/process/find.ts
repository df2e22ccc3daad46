import { readFile } from 'node:fs/promises';
import { isAlive } from '../../../process-alive.js';
import { run } from '../../controller/command.js';
import { isListening } from '../monitor/session.js';
import type { VmFolder } from '../record.js';
import { forwardedPort } from './argv.js';

/** The QEMU of a VM, while it lives. */
export interface QemuProcess {
  readonly pid: number;
  /** The loopback port that leads to the guest's sshd; null where the system does not show command lines. */
  readonly port: number | null;
}

/**
 * The process that the VM's pid file names, if it is this VM's QEMU and no later process with the same number. A connection
 * alone says too little: on macOS a socket whose queue is full refuses, as one does that nobody listens on.
 */
export async function findQemu(folder: VmFolder): Promise<QemuProcess | undefined> {
  const text = await readFile(folder.pid, 'utf8').catch(() => '');
  const pid = /^\d{1,10}\s*$/.test(text) ? Number(text) : 0;
  if (pid === 0 || !isAlive(pid)) return undefined;
  const commandLine = await commandLineOf(pid);
  if (commandLine.includes(folder.pid)) return { pid, port: forwardedPort(commandLine) };
  // It was started with another spelling of the folder's path, or its command line is not for us to read.
  return (await isListening(folder.monitor)) ? { pid, port: null } : undefined;
}

/** Its arguments in one text; empty where the system does not say. */
async function commandLineOf(pid: number): Promise<string> {
  const shown = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  if (shown !== undefined) return shown.replaceAll('\0', ' ');
  const never = new AbortController().signal;
  const argv = ['ps', '-ww', '-o', 'command=', '-p', String(pid)] as const;
  return await run(argv, { signal: never, timeoutMs: 5_000 }).then(
    ({ stdout }) => stdout,
    () => '',
  );
}
