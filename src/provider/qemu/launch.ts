import { readFile } from 'node:fs/promises';
import { run, whyFailed } from '../command.js';
import { ProviderError, stopIfAborted } from '../failure.js';
import { freePort, tryPort } from '../port.js';
import { endNow, processGone } from '../process-alive.js';
import type { Work } from '../work.js';
import type { Accelerator } from './accelerator.js';
import { qemuArgv } from './argv.js';
import { isListening } from './monitor.js';
import type { QemuRecord, VmFolder } from './record.js';

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
      throw new ProviderError('vm-start', { ...detail, hint: 'gclab doctor says what is missing here' });
    }
  }
}

/** Ends QEMU at once, as a power cut would, and resolves when it is gone. Fine when it isn't there. */
export async function cutPower(folder: VmFolder): Promise<void> {
  if (!(await isListening(folder.monitor))) return;
  // The socket is QEMU's, so the id in the file beside it is too.
  const pid = Number(await readFile(folder.pid, 'utf8'));
  endNow(pid);
  // Its lock on the disk goes last, after its sockets.
  await processGone(pid);
}
