import { stat } from 'node:fs/promises';
import { GclabError } from '../../errors.js';
import type { Places } from '../controller/places.js';
import type { Accelerator, Tried, Work } from '../provider.js';
import { Accelerators } from './accelerator/choose.js';
import { firmwareOfVm } from './firmware.js';
import { GuestFault } from './monitor/fault.js';
import { GuestWatch } from './monitor/watch.js';
import { endQemu, LaunchError, type Launched, launch } from './process/launch.js';
import type { QemuRecord, VmFolder } from './record.js';

/**
 * How long a booting guest may show no sign of life. The images boot quietly: a kernel that unpacks its initramfs says nothing
 * for a second on a real processor, for ten on an emulated one, and for a minute where the controller has others to serve too.
 */
export const SILENCE_MS: Readonly<Record<Accelerator, number>> = { kvm: 90_000, hvf: 90_000, tcg: 300_000 };

/** What running a VM takes, the same for every one. */
export interface Starter {
  readonly program: string;
  readonly places: Places;
  readonly silenceMs: typeof SILENCE_MS;
}

/** A guest that was let go, and is watched. */
export interface Booting {
  /** As it was launched: with the firmware that is there now. */
  readonly record: QemuRecord;
  readonly accelerator: Accelerator;
  readonly launched: Launched;
  readonly watch: GuestWatch;
}

/**
 * Boots a guest with the fastest accelerator that works, and resolves as `until` does. Where the guest does not come up and its
 * accelerator may be to blame, the power is cut and the next one is tried, with `until` called anew. After a failure it is off.
 */
export async function boot<T>(
  recorded: QemuRecord,
  folder: VmFolder,
  starter: Starter,
  until: (booting: Booting) => Promise<T>,
  work: Work,
): Promise<T> {
  const { program, places } = starter;
  const firmware = await firmwareOfVm(recorded, folder, program);
  const record = { ...recorded, firmware };
  const forced = forcedAccelerator(record, places);
  const accelerators = await Accelerators.here(program, firmware, forced?.accelerator, places, work);
  const failed: Tried[] = [];
  for (const [at, accelerator] of accelerators.order.entries()) {
    const next = accelerators.order[at + 1];
    // The last resort needs no trial: there is nothing to choose, and the guest itself is watched.
    const tried = next === undefined ? undefined : await accelerators.tried(accelerator, record.cpus, work);
    if (tried?.works === false) {
      failed.push(tried);
      continue;
    }
    try {
      work.onProgress({ doing: 'starting QEMU', detail: describe(accelerator, failed) });
      const result = await attempt(record, folder, accelerator, starter, until, work);
      await accelerators.remember(worked(accelerator, record.cpus), failed);
      return result;
    } catch (cause) {
      if (next === undefined || !blamesAccelerator(cause)) throw explained(cause, failed, forced?.by);
      // Where QEMU does not even come up, the next trial will tell why, and whether it is still so.
      if (cause instanceof LaunchError) await accelerators.forget(accelerator);
      failed.push({ accelerator, works: false, cpus: record.cpus, ran: ran(cause), what: cause.what });
      work.onNote(`${accelerator} does not run this guest (${cause.what}); starting it again with ${next}`);
    }
  }
  throw new Error('every accelerator was passed over');
}

async function attempt<T>(
  record: QemuRecord,
  folder: VmFolder,
  accelerator: Accelerator,
  starter: Starter,
  until: (booting: Booting) => Promise<T>,
  work: Work,
): Promise<T> {
  const { program, places, silenceMs } = starter;
  const consoleFrom = (await stat(folder.console).catch(() => undefined))?.size ?? 0;
  const launched = await launch(record, folder, { program, accelerator, env: places.env }, work);
  const { ended } = launched;
  const patience = { consoleFrom, silenceMs: silenceMs[accelerator] };
  const watch = new GuestWatch({ name: record.name, folder, accelerator, ended, ...patience });
  try {
    await watch.begin();
    return await until({ record, accelerator, launched, watch });
  } catch (cause) {
    await endQemu(launched.pid);
    throw cause;
  } finally {
    watch.release();
  }
}

/** Whether another accelerator may do better. */
function blamesAccelerator(cause: unknown): cause is LaunchError | GuestFault {
  return cause instanceof LaunchError || (cause instanceof GuestFault && cause.blame === 'accelerator');
}

function ran(cause: LaunchError | GuestFault): Tried['ran'] {
  return cause instanceof LaunchError ? null : 'guest';
}

function worked(accelerator: Accelerator, cpus: number): Tried {
  return { accelerator, works: true, cpus, ran: 'guest', what: 'a guest booted' };
}

/** `accelerator tcg; kvm does not work here: …` */
function describe(accelerator: Accelerator, failed: readonly Tried[]): string {
  return [
    `accelerator ${accelerator}`,
    ...failed.map((one) => `${one.accelerator} does not work here: ${one.what}`),
  ].join('; ');
}

interface Forced {
  readonly accelerator: Accelerator;
  /** What a person wrote. */
  readonly by: string;
}

/** What was said for this command comes before what was said for this VM, and that before what was said for all. */
export function forcedAccelerator(record: QemuRecord, places: Places): Forced | undefined {
  const { flag, setting } = places.accelerator;
  if (flag !== undefined) return { accelerator: flag, by: `--accelerator ${flag}` };
  const own = record.wantedAccelerator;
  if (own !== null) return { accelerator: own, by: `gclab vm create --accelerator ${own}` };
  return setting === undefined ? undefined : { accelerator: setting, by: `GCLAB_ACCELERATOR=${setting}` };
}

/** With what was tried before, and with what keeps another one from being tried. */
function explained(cause: unknown, failed: readonly Tried[], forcedBy: string | undefined): unknown {
  if (!blamesAccelerator(cause) || (failed.length === 0 && forcedBy === undefined)) return cause;
  const before = failed.map((one) => `; before that ${one.accelerator}: ${one.what}`).join('');
  const { code, doing, target = '', what, hint = '' } = cause;
  const way =
    forcedBy === undefined
      ? hint
      : `${forcedBy} leaves no other; without it the fastest that works is taken. Also ${hint}`;
  return new GclabError({ code, doing, target, what: what + before, hint: way, cause });
}
