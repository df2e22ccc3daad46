import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { timeoutSignal } from '../../../concurrency/timeout-signal.js';
import { GclabError } from '../../../errors.js';
import { endNow, processGone } from '../../../process-alive.js';
import { interrupted, stopIfAborted } from '../../controller/failure.js';
import { freePort, tryPort } from '../../controller/port.js';
import type { Accelerator, Work } from '../../provider.js';
import { ask } from '../monitor/session.js';
import type { QemuRecord, VmFolder } from '../record.js';
import { qemuArgv } from './argv.js';

/** Until QEMU has set the machine up and speaks to its monitor: under a second on a machine with time to spare. */
const UP_MS = 60_000;
const LOOK_EVERY_MS = 25;

/** Enough for what QEMU says when something is wrong; the registers of a guest are left out. */
const SAID_LINES = 2;
const SAID_CHARACTERS = 400;

export interface Launch {
  readonly program: string;
  readonly accelerator: Accelerator;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A QEMU that was launched here and goes on when gclab ends. */
export interface Launched {
  readonly pid: number;
  /** The loopback port that leads to the guest's sshd. */
  readonly port: number;
  /** Resolves with how it ended. */
  readonly ended: Promise<Ended>;
}

export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Why QEMU did not come up; the next accelerator may do better. */
export class LaunchError extends GclabError {}

/**
 * Resolves once QEMU has set up the machine and let the guest go. Rejects with a `LaunchError`, or `interrupted`; then it is
 * gone. What it says goes to the VM's `qemu.log`.
 */
export async function launch(
  record: QemuRecord,
  folder: VmFolder,
  how: Launch,
  work: Work,
): Promise<Launched> {
  for (;;) {
    stopIfAborted(work.signal, 'starting QEMU');
    const port = await freePort(record.port);
    const { pid, ended } = await begin(qemuArgv(record, folder, { ...how, port }), folder, how.env);
    if (pid === undefined) throw launchError(record.name, `${how.program} cannot be run`);
    const why = await upOrWhyNot(pid, ended, folder, work);
    if (why === undefined) return { pid, port, ended };
    // Another program was quicker with the port: ask for another.
    if ((await tryPort(port)) !== undefined) throw launchError(record.name, why);
  }
}

/** In a session of its own, so that neither a Ctrl-C nor the end of the terminal reaches it. */
async function begin(
  argv: [string, ...string[]],
  folder: VmFolder,
  env: Launch['env'],
): Promise<{ readonly pid: number | undefined; readonly ended: Promise<Ended> }> {
  const log = await open(folder.log, 'w', 0o600);
  try {
    const child = spawn(argv[0], argv.slice(1), { detached: true, env, stdio: ['ignore', log.fd, log.fd] });
    child.on('error', () => undefined).unref();
    // Listened for before anything is awaited: it may end at once.
    const ended = new Promise<Ended>((resolve) => {
      child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
    });
    return { pid: child.pid, ended };
  } finally {
    await log.close();
  }
}

/** Undefined once its monitor answers. Otherwise QEMU is gone. */
async function upOrWhyNot(
  pid: number,
  ended: Promise<Ended>,
  folder: VmFolder,
  work: Work,
): Promise<string | undefined> {
  let end: Ended | undefined;
  void ended.then((how) => {
    end = how;
  });
  const deadline = timeoutSignal(UP_MS);
  while (end === undefined && !deadline.aborted && !work.signal.aborted) {
    if ((await ask(folder.monitor, 'query-status')) !== undefined) return undefined;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  if (end !== undefined) return describeEnd(end, await qemuSaid(folder));
  await endQemu(pid);
  if (work.signal.aborted) throw interrupted('starting QEMU', work.signal.reason);
  return describeEnd(undefined, await qemuSaid(folder));
}

/** `QEMU ended with exit code 1: -accel kvm: failed to initialize kvm: No such file or directory` */
export function describeEnd(end: Ended | undefined, said = ''): string {
  const how =
    end === undefined
      ? `QEMU did not come up within ${UP_MS / 1_000} s`
      : `QEMU ended with ${end.signal ?? `exit code ${end.exitCode}`}`;
  return said === '' ? how : `${how}: ${said}`;
}

/** What QEMU had to say of this launch; empty where it said nothing. */
export async function qemuSaid(folder: VmFolder): Promise<string> {
  return complaints(await readFile(folder.log, 'utf8').catch(() => ''));
}

/** The first of what QEMU complained of, without warnings and without a dump of the registers (`RAX=… RBX=…`). */
export function complaints(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const telling = lines
    .map((line) => line.replace(/^qemu-system-\w+: /, ''))
    .filter((line) => line !== '' && !/^warning: |^[A-Za-z0-9]{2,6} ?=/.test(line));
  return telling.slice(0, SAID_LINES).join(' · ').slice(0, SAID_CHARACTERS);
}

/** Ends a QEMU at once, and resolves when it is gone. Fine when it is already. */
export async function endQemu(pid: number): Promise<void> {
  endNow(pid);
  // Its lock on the disk goes last, after its sockets.
  await processGone(pid);
}

function launchError(target: string, what: string): LaunchError {
  const hint = 'gclab doctor says what is missing here';
  return new LaunchError({ code: 'vm-start', doing: 'starting QEMU', target, what, hint });
}
