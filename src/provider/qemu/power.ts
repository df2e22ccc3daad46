import { once } from 'node:events';
import { timeoutSignal } from '../../timeout-signal.js';
import { interrupted } from '../failure.js';
import type { Work } from '../work.js';
import { cutPower, endQemu, qemuPid } from './launch.js';
import { command, watchLife } from './monitor.js';
import type { VmFolder } from './record.js';

/** Presses the power button and waits until the guest is off; after `patienceMs` the power is cut. */
export async function powerOff(folder: VmFolder, patienceMs: number, work: Work): Promise<void> {
  const life = await watchLife(folder.life);
  if (life.ended.aborted) return;
  // Read while it lives: on its end QEMU takes the file away before it lets go of the disk.
  const pid = await qemuPid(folder);
  work.onProgress({ doing: 'powering off' });
  const over = AbortSignal.any([life.ended, work.signal, timeoutSignal(patienceMs)]);
  const ended = over.aborted ? Promise.resolve() : once(over, 'abort');
  const pressed = await command(folder.monitor, 'system_powerdown');
  if (pressed) await ended;
  life.release();
  if (work.signal.aborted) throw interrupted('powering off', work.signal.reason);
  if (!life.ended.aborted) work.onProgress({ doing: 'powering off', detail: 'no answer; cutting the power' });
  if (pid === undefined) await cutPower(folder);
  else await endQemu(pid);
}
