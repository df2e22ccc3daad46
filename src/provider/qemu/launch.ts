import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { GclabError } from '../../errors.js';
import { endNow, processGone } from '../../process-alive.js';
import { run, whyFailed } from '../command.js';
import { stopIfAborted } from '../failure.js';
import { freePort, tryPort } from '../port.js';
import type { Work } from '../work.js';
import type { Accelerator } from './accelerator.js';
import { qemuArgv } from './argv.js';
import { isListening } from './monitor.js';
import type { QemuRecord, VmFolder } from './record.js';

/** QEMU takes its pid's file away first and its sockets right after. */
const LAST_MOMENTS_MS = 20;

export interface Launch {
  readonly program: string;
  readonly accelerator: Accelerator;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told before QEMU starts; again where that port was taken meanwhile. */
  readonly announce: (port: number) => Promise<void>;
}

/** Resolves once QEMU runs on its own, with a loopback port that leads to the guest's sshd. */
export async function launch(record: QemuRecord, folder: VmFolder, how: Launch, work: Work): Promise<void> {
  for (;;) {
    stopIfAborted(work.signal, 'starting QEMU');
    const port = await freePort(record.port);
    await how.announce(port);
    // Not to be cut off: a QEMU that is just letting go of us would be left behind, not yet listening to anybody.
    const argv = qemuArgv(record, folder, { ...how, port });
    const result = await run(argv, { signal: new AbortController().signal, env: how.env });
    if (result.exitCode === 0) return;
    // Somebody was quicker with the port: the next turn asks for another.
    if ((await tryPort(port)) !== undefined) {
      const detail = { doing: 'starting QEMU', target: record.name, what: whyFailed(result), result };
      throw new GclabError({ code: 'vm-start', ...detail, hint: 'gclab doctor says what is missing here' });
    }
  }
}

/** Ends QEMU at once, as a power cut would, and resolves when it is gone. Fine when it isn't there. */
export async function cutPower(folder: VmFolder): Promise<void> {
  while (await isListening(folder.monitor)) {
    const pid = await qemuPid(folder);
    if (pid !== undefined) return await endQemu(pid);
    await sleep(LAST_MOMENTS_MS);
  }
}

/** Of a QEMU that listens, since the socket is QEMU's as the file beside it is; undefined where it is just ending. */
export async function qemuPid(folder: VmFolder): Promise<number | undefined> {
  const text = await readFile(folder.pid, 'utf8').catch(() => '');
  return text === '' ? undefined : Number(text);
}

export async function endQemu(pid: number): Promise<void> {
  endNow(pid);
  // Its lock on the disk goes last, after its sockets.
  await processGone(pid);
}
