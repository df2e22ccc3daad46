import { join } from 'node:path';
import type { Places } from '../../controller/places.js';
import type { Accelerator, Tried, Work } from '../../provider.js';
import type { Firmware } from '../firmware.js';
import { makingMachine } from '../process/power.js';
import { circumstances } from './circumstances.js';
import { Remembered } from './remembered.js';
import { TRIAL_MS, tryAccelerator } from './trial.js';

/** The accelerators that may run a guest on this controller, and what is known of them. */
export class Accelerators {
  readonly #remembered: Remembered;

  private constructor(
    /** Fastest first. One alone where it was forced. */
    readonly order: readonly Accelerator[],
    private readonly program: string,
    private readonly firmware: Firmware,
    private readonly places: Places,
    remembered: Remembered,
  ) {
    this.#remembered = remembered;
  }

  static async here(
    program: string,
    firmware: Firmware,
    wanted: Accelerator | undefined,
    places: Places,
    work: Work,
  ): Promise<Accelerators> {
    const order = wanted === undefined ? [...hardware(places.controller.platform), 'tcg' as const] : [wanted];
    const remembered = new Remembered(places.homeFolder, await circumstances(program, firmware, work));
    return new Accelerators(order, program, firmware, places, remembered);
  }

  /**
   * What is remembered of an accelerator, or else seen in a trial. What QEMU refuses at once is asked anew each time: that costs
   * nothing, and what it lacked (the right to use /dev/kvm) may be there the next time.
   */
  async tried(accelerator: Accelerator, cpus: number, work: Work): Promise<Tried> {
    const known = await this.#remembered.of(accelerator, cpus);
    if (known !== undefined) return known;
    work.onProgress({ doing: `trying ${accelerator} with the firmware` });
    const { program, firmware } = this;
    const { env, controller } = this.places;
    const trial = { program, env, architecture: controller.architecture, firmware, accelerator, cpus };
    const folder = join(this.places.homeFolder, 'vms');
    return await makingMachine(folder, (inside) =>
      tryAccelerator({ ...trial, boundMs: TRIAL_MS[accelerator] }, inside, work),
    );
  }

  /** Every one from the fastest to the first that works; that is the last, where there is one. */
  async fastest(cpus: number, work: Work): Promise<readonly Tried[]> {
    const all: Tried[] = [];
    for (const accelerator of this.order) {
      const tried = await this.tried(accelerator, cpus, work);
      all.push(tried);
      if (!tried.works) continue;
      await this.remember(tried, all.slice(0, -1));
      break;
    }
    return all;
  }

  /** Only what worked can show that what did not was to blame, and not the firmware or the guest: so they are remembered together. */
  async remember(works: Tried, failed: readonly Tried[]): Promise<void> {
    await this.#remembered.put([...failed.filter(({ ran }) => ran !== null), works]);
  }

  async forget(accelerator: Accelerator): Promise<void> {
    await this.#remembered.forget(accelerator);
  }
}

function hardware(platform: string): readonly Accelerator[] {
  if (platform === 'linux') return ['kvm'];
  return platform === 'darwin' ? ['hvf'] : [];
}
